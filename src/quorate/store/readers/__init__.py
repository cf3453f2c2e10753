"""What the API asks the database: one module for each noun, every query bound to one account."""
