"""The candle store: recorded candles, mark prices and funding rates in a folder of monthly Parquet parts.

Not to be confused with `feeds/store.py`, the log in Postgres that a desk keeps of the feed it runs on.
"""
