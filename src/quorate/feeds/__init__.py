"""Where market data comes from: recorded candles, a synthetic market, or an exchange; and the way it is handed on."""
