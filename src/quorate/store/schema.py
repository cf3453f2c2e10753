"""Brings a database's tables up to date; costs one query when they are.

Alembic and SQLAlchemy are imported only when there is something to migrate: they cost half a second.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from quorate.store.database import SERVER_VERSION_MIN, Database
from quorate.store.errors import DatabaseRefused, SchemaNewer

REVISION = "0004"
"""The newest revision in `migrations/versions`."""
KNOWN_REVISIONS = ("0001", "0002", "0003", "0004")
WORKS_SINCE = "0004"
"""The oldest release, by its REVISION, that can work with the tables as they are now.

A migration that only adds what an older release need not know leaves it; one that changes what that would read or write
raises it to its own revision. It is written into the database, so that a release that is rolled back to knows.
"""
_SAID = "The oldest release that can work with these tables is of revision "


@dataclass(frozen=True, slots=True)
class Found:
    """What a database is at: its revision, and the oldest one that can work with it where it says so."""

    revision: str | None
    works_since: str | None = None


async def found_in(connection: asyncpg.Connection) -> Found:
    """What the database is at; no revision for one without our tables."""
    query = "select version_num, obj_description('alembic_version'::regclass, 'pg_class') from alembic_version"
    try:
        row = await connection.fetchrow(query)
    except asyncpg.UndefinedTableError:
        return Found(None)
    if row is None:
        return Found(None)
    said = str(row[1] or "")
    return Found(str(row[0]), said.removeprefix(_SAID) if said.startswith(_SAID) else None)


async def ensure_schema(database: Database) -> bool:
    """Migrate `database` to REVISION where it is older; True when something was done. Safe from many processes at once.

    A newer one is left as it is, and used where it says that this release can work with it (F36).

    Errors: SchemaNewer, DatabaseRefused (server too old), and those of connecting.
    """
    connection = await database.connect(name="schema", as_owner=True)
    try:
        version = connection.get_server_version().major
        if version < SERVER_VERSION_MIN:
            raise DatabaseRefused(f"The server is Postgres {version}.", hint=f"Use {SERVER_VERSION_MIN} or newer.")
        found = await found_in(connection)
        if found == Found(REVISION, WORKS_SINCE):
            return False
        if found.revision not in {None, *KNOWN_REVISIONS}:
            _require_reach(found)
            return False
        older = found.revision != REVISION
        if older:
            await asyncio.to_thread(upgrade, database.owner_url, REVISION)
        await connection.execute(f"comment on table alembic_version is '{_SAID}{WORKS_SINCE}'")
        return older
    finally:
        await connection.close()


def _require_reach(found: Found) -> None:
    """SchemaNewer unless a newer database says that a release of our revision can work with it."""
    if found.works_since is not None and found.works_since <= REVISION:
        return
    raise SchemaNewer(
        f"The database is at revision {found.revision}, which this release ({REVISION}) does not know"
        + ("." if found.works_since is None else f"; it needs one of {found.works_since} at least."),
        hint="Install the newer release again, or use another database.",
    )


def upgrade(url: str, revision: str) -> None:
    """Migrate the database at `url` to a revision; blocks."""
    from alembic import command  # noqa: PLC0415  half a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = "postgresql+asyncpg://" + url.partition("://")[2]
    command.upgrade(config, revision)
