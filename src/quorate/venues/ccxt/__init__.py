"""Real venues through ccxt: Kraken spot, Binance spot, and Binance's perpetuals settled in dollars.

ccxt knows the addresses, signs the requests and names the markets. What is sent, and what an answer proves, is decided
here: docs/venues.md says how.
"""
