"""What every request passes before anything answers it: who may ask, how often, how much, and what goes out with it."""
