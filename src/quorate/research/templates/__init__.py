"""What `quorate strategy new` writes: a strategy that works, and its test."""
