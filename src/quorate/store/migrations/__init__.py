"""The tables' history, as Alembic revisions whose SQL lives in files."""
