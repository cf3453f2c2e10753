"""What every request passes before anything answers it: who may ask, how often, how much, and what is written on the way out."""
