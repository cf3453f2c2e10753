"""The waist of the house: the single writer that turns verdicts into orders, and the ports it needs from outside."""
