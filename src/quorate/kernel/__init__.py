"""Measurement: windows of bars, indicators, regimes, statistics. Floats live here and end here."""
