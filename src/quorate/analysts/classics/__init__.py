"""Well-known strategies, one to a file, each with its source."""
