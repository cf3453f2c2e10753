"""Backtests for the API: what may be started, a process for each, and folders that outlive both."""
