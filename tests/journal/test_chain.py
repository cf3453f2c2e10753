"""The chain: whatever is changed, moved, taken away or cut off shows, and shows where."""

from hashlib import sha256

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.journal.chain import GENESIS, ChainCheck, Fault, Head, Link, link
from quorate.journal.codec import decode, encode
from quorate.journal.errors import KindUnknown
from quorate.journal.verify import export_lines, verify_chain
from quorate.store.database import Database
from tests.journal.conftest import drafts
from tests.journal.samples import busy_batch, idle_batch, opened


def chain_of(count: int) -> list[Link]:
    links, previous = [], GENESIS
    for seq in range(1, count + 1):
        body = f'{{"n":{seq}}}'.encode()
        digest = sha256(body).digest()
        previous = link(previous, 1, seq, "paper", "StepClosed", digest)
        links.append(Link(1, seq, "paper", "StepClosed", body, digest, previous))
    return links


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].epoch, links[-1].seq, links[-1].hash) if links else Head(1, 0, GENESIS)


def fault_in(links: list[Link], head: Head) -> Fault:
    fault = found_in(links, head)
    assert fault is not None
    return fault


def found_in(links: list[Link], head: Head) -> Fault | None:
    check = ChainCheck()
    check.add(links)
    return check.finish(head)


def test_the_formula_is_the_documented_one():
    digest = sha256(b"{}").digest()
    written_out = (
        bytes(32)
        + (7).to_bytes(8, "big")
        + (42).to_bytes(8, "big")
        + (5).to_bytes(4, "big")
        + b"paper"
        + (10).to_bytes(4, "big")
        + b"StepClosed"
        + digest
    )
    assert link(GENESIS, 7, 42, "paper", "StepClosed", digest) == sha256(written_out).digest()


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_account_and_kind_cannot_be_traded_against_each_other(account, kind, other_account, other_kind):
    same = (account, kind) == (other_account, other_kind)
    digest = bytes(32)
    assert (
        link(GENESIS, 1, 1, account, kind, digest) == link(GENESIS, 1, 1, other_account, other_kind, digest)
    ) is same


@pytest.mark.parametrize("count", [0, 1, 5])
def test_an_untouched_chain_verifies(count):
    links = chain_of(count)
    assert found_in(links, head_of(links)) is None


@pytest.mark.parametrize(
    ("tamper", "what", "seq"),
    [
        (lambda c: c.__setitem__(2, Link(1, 3, "paper", "StepClosed", b'{"n":4}', c[2].digest, c[2].hash)), "body", 3),
        (lambda c: c.__setitem__(2, Link(1, 3, "other", "StepClosed", c[2].body, c[2].digest, c[2].hash)), "link", 3),
        (lambda c: c.__setitem__(2, Link(1, 3, "paper", "Other", c[2].body, c[2].digest, c[2].hash)), "link", 3),
        (lambda c: c.__setitem__(2, Link(2, 3, "paper", "StepClosed", c[2].body, c[2].digest, c[2].hash)), "link", 3),
        (lambda c: c.pop(1), "missing", 3),
        (lambda c: c.pop(0), "missing", 2),
        (lambda c: c.insert(3, c.pop(1)), "missing", 3),
        (lambda c: c.insert(2, c[1]), "order", 2),
        (lambda c: c.pop(), "head", 6),
        (lambda c: c.clear(), "head", 6),
    ],
    ids=["body", "account", "kind", "epoch", "deleted", "first-deleted", "swapped", "doubled", "tail-cut", "emptied"],
)
def test_f19_tampering_is_found_at_its_place(tamper, what, seq):
    links = chain_of(6)
    head = head_of(links)
    tamper(links)
    fault = fault_in(links, head)
    assert (fault.what, fault.seq) == (what, seq)
    assert str(seq) in fault.sentence


def test_c29_a_chain_that_was_written_anew_from_some_place_does_not_meet_the_head():
    links = chain_of(6)
    forged = chain_of(3)
    body = b'{"n":"forged"}'
    digest = sha256(body).digest()
    forged.append(
        Link(1, 4, "paper", "StepClosed", body, digest, link(forged[-1].hash, 1, 4, "paper", "StepClosed", digest))
    )
    assert fault_in(forged, head_of(links)).what == "head"


@pytest.mark.parametrize("event", [*busy_batch(3), opened(), *idle_batch(4)], ids=lambda event: type(event).__name__)
def test_events_come_back_from_their_canonical_body_as_they_were(event):
    body = encode(event)
    assert decode(type(event).__name__, body) == event
    assert encode(decode(type(event).__name__, body)) == body


def test_a_body_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match="of kind StepClosed"):
        decode("StepClosed", b"{")


def test_f36_an_entry_of_a_newer_release_is_refused_and_not_passed_over():
    with pytest.raises(KindUnknown, match="of kind Nonsense") as caught:
        decode("Nonsense", b"{}")
    assert "newer release" in caught.value.hint


SQL_TAMPERING = {
    "body": ("update journal set body = '{\"x\":1}' where seq = 7", "body", 7),
    "row deleted": ("delete from journal where seq = 9", "missing", 10),
    "rows swapped": (
        "update journal set seq = 1011 - seq where seq in (5, 6); update journal set seq = seq - 1000 where seq > 99",
        "link",
        5,
    ),
    "tail cut off": ("delete from journal where seq > 25", "head", 30),
    "tail cut off and head moved": (
        "delete from journal where seq > 25; update journal_head set seq = 25",
        "head",
        25,
    ),
}


@pytest.mark.parametrize("sql", SQL_TAMPERING)
async def test_f19_tampering_in_the_database_is_found(journal, writer, database, pool, sql):
    for number in range(3):
        await journal.append(drafts(*busy_batch(number)), writer=writer)
    statement, what, seq = SQL_TAMPERING[sql]
    owner = await database.connect(name="attacker", as_owner=True)
    await owner.execute(statement)
    verdict = await verify_chain(owner)
    await owner.close()
    assert verdict.fault is not None
    assert (verdict.fault.what, verdict.fault.seq) == (what, seq)


async def test_the_runtime_role_cannot_change_or_remove_entries(journal, writer, pool):
    await journal.append(drafts(opened()), writer=writer)
    for statement in ("update journal set kind = 'x'", "delete from journal", "truncate journal", "drop table journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_an_export_holds_what_the_formula_needs(journal, writer, database: Database):
    import json

    await journal.append(drafts(*busy_batch(0)), writer=writer)
    connection = await database.connect(name="export")
    previous = GENESIS
    lines = [json.loads(line) async for line in export_lines(connection, account="paper")]
    for line in lines:
        epoch, seq = map(int, line["id"].split("-"))
        previous = link(previous, epoch, seq, line["account"], line["kind"], bytes.fromhex(line["digest"]))
        assert previous.hex() == line["hash"]
    verdict = await verify_chain(connection, account="paper")
    await connection.close()
    assert (len(lines), verdict.entries, verdict.of_account) == (10, 10, 10)
