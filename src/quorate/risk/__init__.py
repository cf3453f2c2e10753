"""What may be risked: the sizing chain, the controls on every order, and the breakers that stop openings.

Pure functions on plain values. Nothing here acts; the desk asks, and keeps what it was told.
"""
