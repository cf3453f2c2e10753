"""Keys proved and panics drilled at the loopback exchanges, by the real command in a process of its own."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from quorate.accounts.halt_marker import read_halt
from quorate.exchange import OrderEnded, Side
from tests.accounts.desks import NOW, OwnersDesk, Place, exchange_of

pytestmark = pytest.mark.slow
PROGRAM = Path(sys.executable).with_name("quorate")
DEAD = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
"""Postgres and Redis are stopped: nothing listens there."""


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict:
        return json.loads(self.out)


async def command(desk: OwnersDesk, place: Place, *arguments: str, typed: str = "", **more: str) -> Ended:
    """Run the real command as the desk's owner, while the exchange goes on in this process."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("QUORATE")}
    given |= {**desk.environment(), **place.environment(), **DEAD, **more}
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *arguments,
        cwd=desk.folder,
        env={name: value for name, value in given.items() if value},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), 180)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture(params=["binance", "kraken"])
async def place(request) -> AsyncIterator[Place]:
    async with exchange_of(request.param) as found:
        yield found


@pytest.fixture
def desk(tmp_path, place) -> OwnersDesk:
    return OwnersDesk(tmp_path, taken=NOW).enrolled().with_key(venue=place.venue, key=place.key, secret=place.secret)


def may_withdraw(place: Place) -> None:
    """The exchange lets the key withdraw from now on."""
    if place.venue == "binance":
        from tests.exchange.binance.binances import DEMO

        place.exchange.keys.add(replace(DEMO, can_withdraw=True))
        return
    from quorate.exchange.kraken.keys import Permission
    from tests.exchange.kraken.krakens import KEY

    place.exchange.keys.add(replace(KEY, permissions=KEY.permissions | {Permission.WITHDRAW}))


class TestDrill:
    async def test_c18_a_hundred_orders_are_gone_within_two_seconds_with_postgres_and_redis_stopped(self, desk, place):
        place.rest(100)
        ends: list[float] = []
        place.engine.listen(
            lambda events: ends.extend(time.monotonic() for event in events if isinstance(event, OrderEnded))
        )
        ended = await command(desk, place, "panic", "--offline", "--json")
        report = ended.json()
        assert ended.code == 0, ended.err
        assert place.open_orders() == 0
        assert len(ends) == 100
        assert report["clean"]
        assert report["verified"]
        assert report["cancelled_ms"] < 500 * _busy(), report
        assert report["no_orders_ms"] < 2_000 * _busy(), report
        assert (ends[-1] - ends[0]) * 1_000 < 2_000
        mark = read_halt(desk.data_dir)
        assert mark is not None
        assert (mark.venue, mark.clean) == (place.venue, True)

    async def test_c17_coins_are_sold_and_the_exchange_asked_what_is_left(self, desk, place):
        asset = next(iter(place.pairs)).partition("/")[0]
        _shrink(place, asset)
        place.rest(4)
        ended = await command(
            desk, place, "panic", "--offline", "--flatten", "--yes", "--pairs", next(iter(place.pairs))
        )
        assert ended.code == 0, ended.out + ended.err
        assert place.open_orders() == 0
        assert place.holds(asset) < 1
        assert "clean, by" in ended.out

    async def test_c18_it_works_with_settings_that_make_no_sense(self, desk, place):
        place.rest(3)
        (desk.folder / "quorate.toml").write_text("[desk.limits]\ncollar_bsp = 1\n")
        ended = await command(desk, place, "panic", "--offline", "--json")
        assert ended.code == 0, ended.err
        assert place.open_orders() == 0
        assert "collar_bsp" in ended.err

    async def test_what_cannot_be_reached_is_not_called_clean(self, desk, place):
        gone = {"api": dict.fromkeys(place.urls["api"], "http://127.0.0.1:1")}
        place.rest(1)
        ended = await command(
            desk, place, "panic", "--offline", "--json", "--budget", "2", QUORATE__VENUE__URLS=json.dumps(gone)
        )
        assert ended.code == 3
        assert not ended.json()["verified"]
        assert ended.json()["faults"]
        mark = read_halt(desk.data_dir)
        assert mark is not None
        assert mark.clean is False


class TestKeyProved:
    async def test_a_key_that_may_trade_and_not_withdraw_is_found_to_be_so(self, desk, place):
        ended = await command(desk, place, "keys", "check", "main", "--json")
        told = {finding["name"]: finding["health"] for finding in ended.json()["findings"]}
        assert ended.code == 0, ended.out
        assert (told["venue clock"], told["key may trade"], told["key may withdraw"]) == ("ok", "ok", "ok")

    async def test_a_key_that_can_withdraw_is_refused_on_entry(self, desk, place):
        may_withdraw(place)
        typed = f"{desk.code()}\n{place.key}\n{place.secret}\n"
        ended = await command(desk, place, "keys", "add", "second", "--venue", place.venue, typed=typed)
        assert (ended.code, "can withdraw" in ended.err) == (4, True), ended.err
        assert desk.sealed.contents().find("venue-key", "second") is None

    async def test_a_key_that_gained_the_right_to_withdraw_is_a_fault(self, desk, place):
        may_withdraw(place)
        ended = await command(desk, place, "keys", "check", "main", "--json")
        told = {finding["name"]: finding["health"] for finding in ended.json()["findings"]}
        assert (ended.code, told["key may withdraw"]) == (4, "fault")

    async def test_a_good_key_is_taken(self, desk, place):
        typed = f"{desk.code()}\n{place.key}\n{place.secret}\n"
        ended = await command(desk, place, "keys", "add", "second", "--venue", place.venue, typed=typed)
        assert ended.code == 0, ended.err

    async def test_doctor_proves_the_venue(self, desk, place):
        place.rest(2, side=Side.BUY)
        live = {
            "QUORATE__MODE": "live",
            "QUORATE__VENUE__KEY": "main",
            "QUORATE__VENUE__PORTFOLIO": "conservative",
            "QUORATE__DESK__PORTFOLIOS__CONSERVATIVE__MARKET": "spot",
            "QUORATE__FEED__KIND": "exchange",
            "QUORATE__FEED__EXCHANGE": place.venue,
            "QUORATE__FEED__PAIRS": next(iter(place.pairs)),
        }
        ended = await command(desk, place, "doctor", "--venue", "--json", **live)
        told = {finding["name"]: finding for finding in ended.json()["findings"]}
        assert ended.code == 3, "it was not armed, and nothing else is at fault"
        assert [name for name, finding in told.items() if finding["health"] == "fault"] == ["armed"]
        assert "tick" in told["markets"]["detail"]
        assert told["open orders"]["detail"].startswith("2")
        assert "BTC" in told["balances"]["detail"]
        assert {"protective stops", "dead-man switch"} <= told.keys()


def _busy() -> float:
    """How much slower this machine is than an idle one: the limits of a drill are those of a machine with room."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _shrink(place: Place, asset: str) -> None:
    """Leave the account no more of a coin than the outside market buys."""
    from decimal import Decimal

    have = place.holds(asset)
    place.engine.move("demo", asset, Decimal("0.5") - have, at_ms=place.exchange.clock())
