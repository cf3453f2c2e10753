"""Addresses and schema: every failure is one clear sentence, and a current schema costs next to nothing."""

import asyncio
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as redis

from quorate.domain import events as e
from quorate.domain.orders import ExternalOrder
from quorate.domain.votes import Action
from quorate.journal.codec import encode, subject_of
from quorate.journal.entry import LOCAL_OWNER
from quorate.store import schema
from quorate.store.database import Database, connect_error, place
from quorate.store.errors import (
    AddressMalformed,
    DatabaseRefused,
    DatabaseUnreachable,
    RedisRefused,
    RedisUnreachable,
    SchemaNewer,
)
from quorate.store.local_postgres import SUPERUSER
from quorate.store.opening import open_database
from quorate.store.redis_address import check_redis
from quorate.store.schema import ensure_schema


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("mysql://localhost/x", AddressMalformed, "begins with mysql"),
        ("localhost/x", AddressMalformed, "begins with no scheme"),
        ("postgresql://localhost:nonsense/x", AddressMalformed, "not an address"),
        ("postgresql://user:hidden@127.0.0.1:1/quorate", DatabaseUnreachable, "127.0.0.1:1/quorate cannot be reached"),
    ],
)
async def test_a_wrong_address_is_said_in_one_sentence_without_its_password(tmp_path, url, error, says):
    with pytest.raises(error, match=says) as caught:
        await open_database(url=url, data_dir=tmp_path)
    assert "hidden" not in str(caught.value)
    assert caught.value.hint
    assert not list(tmp_path.iterdir())


async def test_a_server_of_another_kind_is_told_from_none(tmp_path):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DatabaseUnreachable, match="is no Postgres"):
            await open_database(url=f"postgresql://me@127.0.0.1:{port}/x", data_dir=tmp_path)
        with pytest.raises(RedisUnreachable, match="is no Redis"):
            await check_redis(f"redis://127.0.0.1:{port}/0")


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_f17_a_server_that_ends_or_begins_while_it_is_asked_is_away_for_now_and_has_refused_nobody(error):
    told = connect_error("postgresql://me:hidden@db/quorate", error)
    assert isinstance(told, DatabaseUnreachable)
    assert "hidden" not in str(told)


async def test_a_missing_database_or_user_is_named(postgres, tmp_path):
    with pytest.raises(DatabaseRefused, match="has no database 'nowhere'"):
        await open_database(url=postgres.url(SUPERUSER, database="nowhere"), data_dir=tmp_path)
    with pytest.raises(DatabaseRefused, match="refused user 'nobody'"):
        await open_database(url=postgres.url("nobody", database="quorate"), data_dir=tmp_path)


async def test_a_superusers_address_is_migrated_and_served_without_superuser_rights(postgres, database, tmp_path):
    name = database.url.rpartition("/")[2].partition("?")[0]
    opened = await open_database(url=postgres.url(SUPERUSER, database=name), data_dir=tmp_path)
    assert opened.local is None
    connection = await opened.database.connect(name="test")
    assert await connection.fetchval("select current_user::text") == "quorate"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("delete from journal")
    await connection.close()
    async with await opened.database.pool(name="test", size_max=1) as pool:
        for _ in range(2):
            assert await pool.fetchval("select current_user::text") == "quorate"


async def test_the_newest_revision_is_the_one_we_ask_for():
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    found = sorted(path.name.partition("_")[0] for path in versions.glob("[0-9]*.py"))
    assert list(schema.KNOWN_REVISIONS) == found
    assert found[-1] == schema.REVISION


async def test_a_current_schema_costs_one_query_and_neither_alembic_nor_sqlalchemy(database):
    code = (
        "import asyncio, sys; from quorate.store.database import Database;"
        "from quorate.store.schema import ensure_schema;"
        "assert not asyncio.run(ensure_schema(Database(url=sys.argv[1], owner_url=sys.argv[1])));"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)"
    )
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, database.owner_url], check=False)
    assert done.returncode == 0


async def test_many_processes_may_migrate_at_once(postgres):
    admin = await asyncpg.connect(postgres.url(SUPERUSER, database="postgres"))
    await admin.execute("create database empty_one owner quorate_owner")
    url = postgres.url("quorate_owner", database="empty_one")
    code = (
        "import asyncio, sys; from quorate.store.database import Database;"
        "from quorate.store.schema import ensure_schema;"
        "asyncio.run(ensure_schema(Database(url=sys.argv[1], owner_url=sys.argv[1])))"
    )
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, url) for _ in range(3)]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    assert await ensure_schema(Database(url=url, owner_url=url)) is False
    await admin.execute("drop database empty_one with (force)")
    await admin.close()


async def test_what_the_journal_said_of_a_venue_before_there_were_tables_for_it_is_laid_out(postgres):
    admin = await asyncpg.connect(postgres.url(SUPERUSER, database="postgres"))
    await admin.execute("create database older_one owner quorate_owner")
    url = postgres.url("quorate_owner", database="older_one")
    await asyncio.to_thread(schema.upgrade, url, "0003")
    owner = await asyncpg.connect(url)
    await owner.execute(
        "insert into orders (account, owner, client_id, intent_id, signal_id, portfolio, pair, action, kind, purpose, "
        "price, quantity, filled, state, reason, intended_at, changed_at, epoch, seq) values ('live', $1, 'q1', 'i1', "
        "'s1', 'one', 'BTC/USD', 'BUY', 'limit', 'entry', 1, 1, 0, 'ACCEPTED', '', now(), now(), 1, 1)",
        LOCAL_OWNER,
    )
    said = [
        e.OrderSubmitted("q1", 1_000),
        e.OrderAccepted("q1", 2_000, "V7"),
        e.CancelRequested("q1", "not taken in time", 3_000),
        e.ProtectionChanged("one", "ETH/USD", protected=False, reason="no stop", at_ms=1_000),
        e.ProtectionChanged("one", "BTC/USD", protected=False, reason="no stop", at_ms=1_000),
        e.ProtectionChanged("one", "BTC/USD", protected=True, reason="its stop rests", at_ms=2_000),
        e.BookStatusChanged("BTC/USD", live=False, reason="stale", at_ms=1_000),
        *(
            e.ExternalOrderChanged(
                ExternalOrder(
                    venue_id="X1", pair=pair, action=Action.BUY, open_quantity=Decimal(left), price=None, at_ms=1
                )
            )
            for pair, left in (("BTC/USD", 2), ("ETH/USD", 1), ("BTC/USD", 0))
        ),
        e.BreakFound("USD", Decimal(5), Decimal(4), "no execution explains it", 1_000),
    ]
    await owner.executemany(
        "insert into journal (epoch, seq, account, owner, kind, subject, at, body, digest, hash) "
        "values (1, $1, 'live', $2, $3, $4, now(), $5, '', '')",
        [
            (seq, LOCAL_OWNER, type(event).__name__, subject_of(event), encode(event).decode())
            for seq, event in enumerate(said, 1)
        ],
    )
    assert await ensure_schema(Database(url=url, owner_url=url))
    order = await owner.fetchrow(
        "select venue_id, extract(epoch from sent_at), extract(epoch from cancel_at) from orders"
    )
    assert order is not None
    assert tuple(order) == ("V7", 1, 3)
    found = [
        tuple(*await owner.fetch(query))
        for query in (
            "select count(*), min(pair) from unprotected",
            "select count(*), min(reason) from blocked_books",
            "select count(*), min(pair) from external_orders",
            "select count(*), min(found) from breaks",
        )
    ]
    assert found == [(1, "ETH/USD"), (1, "stale"), (1, "ETH/USD"), (1, Decimal(4))]
    await owner.close()
    await admin.execute("drop database older_one with (force)")
    await admin.close()


async def _at(database, revision: str, works_since: str | None = None) -> None:
    """The database as another release has left it."""
    owner = await database.connect(name="test", as_owner=True)
    await owner.execute("update alembic_version set version_num = $1", revision)
    said = "null" if works_since is None else f"'{schema._SAID}{works_since}'"
    await owner.execute(f"comment on table alembic_version is {said}")
    await owner.close()


async def test_f36_a_database_of_a_newer_release_that_says_no_more_is_not_touched(database):
    await _at(database, "9999")
    with pytest.raises(SchemaNewer, match="revision 9999"):
        await ensure_schema(database)


async def test_f36_a_newer_database_that_says_it_can_be_worked_with_is_used_as_it_is(database):
    await _at(database, "9999", schema.REVISION)
    assert await ensure_schema(database) is False
    owner = await database.connect(name="test", as_owner=True)
    assert await schema.found_in(owner) == schema.Found("9999", schema.REVISION)
    await owner.close()


async def test_f36_a_newer_database_that_needs_more_is_not_touched_and_says_what_it_needs(database):
    await _at(database, "9999", "9998")
    with pytest.raises(SchemaNewer, match="it needs one of 9998 at least"):
        await ensure_schema(database)


async def test_f36_a_database_is_told_which_releases_can_work_with_it(database):
    await _at(database, schema.REVISION)
    assert await ensure_schema(database) is False, "nothing had to be migrated"
    owner = await database.connect(name="test", as_owner=True)
    assert await schema.found_in(owner) == schema.Found(schema.REVISION, schema.WORKS_SINCE)
    await owner.close()
    assert schema.WORKS_SINCE in schema.KNOWN_REVISIONS


async def test_every_row_that_belongs_to_somebody_says_to_whom(database):
    public = {"alembic_version", "journal_head", "candles", "feed_steps", "feeds", "quotes", "roles"}
    connection = await database.connect(name="test")
    rows = await connection.fetch(
        "select table_name::text as name, array_agg(column_name::text) as columns from information_schema.columns "
        "where table_schema = 'public' group by table_name"
    )
    await connection.close()
    for row in rows:
        if row["name"] not in public:
            assert {"account", "owner"} <= set(row["columns"]), row["name"]


def test_an_address_is_shown_without_its_secrets():
    assert place("postgresql://me:hidden@db.example:6000/desk") == "db.example:6000/desk"
    assert place("postgresql://me@/desk?host=%2Frun%2Fpg") == "/run/pg:5432/desk"


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("http://127.0.0.1", AddressMalformed, "REDIS_URL cannot be used"),
        ("redis://:hidden@127.0.0.1:1/0", RedisUnreachable, "127.0.0.1:1 cannot be reached"),
        ("unix:///nowhere/at/all.sock", RedisUnreachable, "/nowhere/at/all.sock cannot be reached"),
    ],
)
async def test_a_wrong_redis_address_is_said_in_one_sentence(url, error, says):
    with pytest.raises(error, match=says) as caught:
        await check_redis(url)
    assert "hidden" not in str(caught.value)


async def test_a_redis_that_refuses_us_is_told_from_one_that_is_not_there(valkey, redis_url):
    await check_redis(redis_url)
    async with redis.from_url(redis_url) as client:
        await client.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "+ping", "~*")
        with pytest.raises(RedisRefused, match="refused the user or password"):
            await check_redis(redis_url.replace("unix://", "unix://reader:wrong@"))
        await check_redis(redis_url.replace("unix://", "unix://reader:secret@"))
        await client.execute_command("ACL", "DELUSER", "reader")
