"""Opens the desk's stores: by address where one is given, embedded where none is."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from quorate.store.database import Database, check_address
from quorate.store.local_postgres import OWNER_ROLE, RUNTIME_ROLE, LocalPostgres, start_postgres
from quorate.store.schema import ensure_schema


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database whose tables are current; `local` is the embedded server behind it, None when an address was given."""

    database: Database
    local: LocalPostgres | None


async def open_database(*, url: str | None, data_dir: Path) -> OpenedDatabase:
    """The desk's database, started where needed and migrated. Every failure is one of `store/errors.py`."""
    if url is None:
        local = await asyncio.to_thread(start_postgres, data_dir)
        database = Database(url=local.url(RUNTIME_ROLE), owner_url=local.url(OWNER_ROLE))
    else:
        check_address(url)
        local = None
        database = await _by_address(url)
    try:
        await ensure_schema(database)
    except BaseException:
        if local is not None:
            await asyncio.to_thread(local.stop)
        raise
    return OpenedDatabase(database=database, local=local)


async def _by_address(url: str) -> Database:
    """Decide as whom to serve on a server of the user's own: as `quorate` where we may become it, else as the login."""
    login = Database(url=url, owner_url=url)
    connection = await login.connect(name="opening", as_owner=True)
    try:
        exists = "select exists (select from pg_roles where rolname = $1)"
        if not await connection.fetchval(exists, RUNTIME_ROLE):
            try:
                await connection.execute(f"create role {RUNTIME_ROLE} nosuperuser nobypassrls")
                await connection.execute(f"grant {RUNTIME_ROLE} to current_user")
            except (asyncpg.InsufficientPrivilegeError, asyncpg.DuplicateObjectError):
                # A hosted database whose user may not make roles: row-level security is then forced on the owner too.
                return login
        can_become = await connection.fetchval("select pg_has_role(current_user, $1, 'MEMBER')", RUNTIME_ROLE)
    finally:
        await connection.close()
    return Database(url=url, owner_url=url, role=RUNTIME_ROLE if can_become else None)
