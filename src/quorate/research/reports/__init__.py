"""Backtests for people and programs: an HTML file, a JSON document, a table in a terminal, and two side by side."""
