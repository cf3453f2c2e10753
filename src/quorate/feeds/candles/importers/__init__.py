"""Readers of the files that other programs keep candles in: one function each, from a file to rows or a clear error."""
