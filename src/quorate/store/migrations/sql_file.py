"""Runs a migration's SQL file, many statements at once, inside Alembic's transaction."""

from functools import partial
from pathlib import Path

import asyncpg
from alembic import op

SQL_FOLDER = Path(__file__).parent / "sql"


def run_sql_file(name: str) -> None:
    """Run `sql/NAME.sql` as it stands, in the migration's own transaction."""
    text = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None, "a migration runs on a connection"
    # asyncpg prepares single statements; its own execute() takes a whole file, on the connection of the transaction.
    connection.run_async(partial(_execute, text=text))


async def _execute(raw: asyncpg.Connection, *, text: str) -> None:
    await raw.execute(text)
