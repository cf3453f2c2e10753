"""Research: strategies run over columns of candles at speed, held to what the desk itself would have done.

Nothing here is imported by the desk, and nothing but `jit` and what uses it imports Numba: it takes a second to load.
"""
