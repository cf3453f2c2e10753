"""Those who look at a market and vote: rule-based strategies, and the panel made of them."""
