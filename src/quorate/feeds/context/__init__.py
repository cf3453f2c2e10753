"""Context: what is known of the market besides its candles, each source apart, each with its age and its health."""
