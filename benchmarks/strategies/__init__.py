"""Strategies of the benchmarks: a folder as a user has one."""
