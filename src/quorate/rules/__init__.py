"""The arithmetic of trading as plain functions on plain integers, without imports.

Prices are ticks, quantities lots, ratios parts per million (ppm), `side` +1 for long and -1 for short. The desk calls
these functions as they are; research compiles the very same ones. Every product stays inside 63 bits for prices up to
10^9 ticks and rates up to 10^6 ppm.
"""
