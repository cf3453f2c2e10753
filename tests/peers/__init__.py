"""Other people's backtesters, asked in processes of their own (`.cache/peers`) what they make of the same orders."""
