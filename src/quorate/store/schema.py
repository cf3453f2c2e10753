"""Brings a database's tables up to date; costs one query when they are.

Alembic and SQLAlchemy are imported only when there is something to migrate: they cost half a second.
"""

import asyncio
from pathlib import Path

import asyncpg

from quorate.store.database import SERVER_VERSION_MIN, Database
from quorate.store.errors import DatabaseRefused, SchemaNewer

REVISION = "0004"
"""The newest revision in `migrations/versions`."""
KNOWN_REVISIONS = ("0001", "0002", "0003", "0004")


async def revision_of(connection: asyncpg.Connection) -> str | None:
    """The revision the database is at; None for one without our tables."""
    try:
        found = await connection.fetchval("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return None if found is None else str(found)


async def ensure_schema(database: Database) -> bool:
    """Migrate `database` to REVISION where it is older; True when something was done. Safe from many processes at once.

    Errors: SchemaNewer, DatabaseRefused (server too old), and those of connecting.
    """
    connection = await database.connect(name="schema", as_owner=True)
    try:
        version = connection.get_server_version().major
        if version < SERVER_VERSION_MIN:
            raise DatabaseRefused(f"The server is Postgres {version}.", hint=f"Use {SERVER_VERSION_MIN} or newer.")
        found = await revision_of(connection)
    finally:
        await connection.close()
    if found == REVISION:
        return False
    if found is not None and found not in KNOWN_REVISIONS:
        raise SchemaNewer(
            f"The database is at revision {found}, which this release ({REVISION}) does not know.",
            hint="Install the newer release again, or use another database.",
        )
    await asyncio.to_thread(upgrade, database.owner_url, REVISION)
    return True


def upgrade(url: str, revision: str) -> None:
    """Migrate the database at `url` to a revision; blocks."""
    from alembic import command  # noqa: PLC0415  half a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = "postgresql+asyncpg://" + url.partition("://")[2]
    command.upgrade(config, revision)
