"""What a person proves and keeps: sealed keys, the second factor, and what stands before live money."""
