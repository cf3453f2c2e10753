"""What a live desk knows of its venue is what the API tells: every trouble, folded out of the desk's own events."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from quorate.api.schemas.trading import OrderPage
from quorate.api.schemas.venue import Venue
from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.domain import events as e
from quorate.domain.orders import ExternalOrder, OrderKind, Purpose
from quorate.domain.votes import Action, Side
from quorate.store.readers import roles
from quorate.store.readers.venue import BalanceSaid, DifferenceSaid, VenueSaid
from tests.journal import samples

T0 = samples.START_MS


def opened_live() -> e.AccountOpened:
    return e.AccountOpened("live", "exchange", "d" * 64, (("aggressive", D(10_000)),))


def order(client_id: str, **changes: object) -> e.OrderIntended:
    return e.OrderIntended(replace(samples.intended(client_id).intent, **changes))  # pyright: ignore[reportArgumentType]


def stop(client_id: str, *, quantity: str = "10.005") -> e.OrderIntended:
    return order(
        client_id,
        action=Action.SELL,
        kind=OrderKind.STOP,
        purpose=Purpose.STOP,
        price=D("98.5"),
        quantity=D(quantity),
    )


def strange(left: str = "2") -> e.ExternalOrderChanged:
    told = ExternalOrder(
        venue_id="X-1", pair="BTC/USDT", action=Action.SELL, open_quantity=D(left), price=D("111.1"), at_ms=T0 + 4_000
    )
    return e.ExternalOrderChanged(told)


BARE = e.ProtectionChanged("aggressive", "BTC/USDT", False, "no stop at the venue for 5.0 s", T0 + 7_000)
BALANCE_BREAK = e.BreakFound("BTC", D("10.5"), D(10), "no execution explains it", T0 + 8_000, reckoned=True)
REDUCING = e.TradingStateChanged("", "REDUCING", "reconciliation", "the venue's account differs: BTC 10", T0 + 8_000)
TROUBLES = [
    opened_live(),
    samples.listed(),
    e.VenueAccountOpened("Kraken", (("USDT", D(1_000)),), T0),
    samples.intended("entry"),
    e.OrderSubmitted("entry", T0),
    e.OrderAccepted("entry", T0 + 10, "V-1"),
    samples.filled("t1", client_id="entry"),
    samples.position(),
    order("waiting"),
    order("lost", kind=OrderKind.LIMIT),
    e.OrderSubmitted("lost", T0 + 1_000),
    e.OrderUnknown("lost", "the venue did not answer in time", T0 + 2_000),
    order("going", kind=OrderKind.POST_ONLY),
    e.OrderSubmitted("going", T0 + 3_000),
    e.OrderAccepted("going", T0 + 3_100, "V-2"),
    e.CancelRequested("going", "not taken in time", T0 + 5_000),
    strange(),
    e.BookStatusChanged("ETH/USDT", live=False, reason="stale", at_ms=T0 + 6_000),
    e.BookStatusChanged("SOL/USDT", live=False, reason="gapped", at_ms=T0 + 6_000),
    e.BookStatusChanged("SOL/USDT", live=True, reason="", at_ms=T0 + 9_000),
    BARE,
    BALANCE_BREAK,
    REDUCING,
]


def said(**changes: object) -> VenueSaid:
    told: dict[str, object] = {
        "account": "paper",
        "name": "Kraken",
        "testnet": False,
        "elsewhere": False,
        "spot": True,
        "keeps_stops": True,
        "stream_up": True,
        "heard_ms": T0 + 9_000,
        "reconciled_ms": T0 + 8_000,
        "compared_ms": T0 + 8_000,
        "balances": (
            BalanceSaid(asset="BTC", total=D(10), held=D("0.5")),
            BalanceSaid(asset="USDT", total=D("-0.5"), held=D(0)),
        ),
        "differences": (DifferenceSaid(subject="BTC", expected=D("10.5"), found=D(10)),),
    }
    return VenueSaid(**{**told, **changes})  # pyright: ignore[reportArgumentType]


async def tell(desk, **changes: object) -> None:
    await roles.beat(desk.pool, role=roles.VENUE, instance="1", state=said(**changes))


async def ask(api) -> Venue:
    response = await api.get("/v1/venue")
    assert response.status_code == 200, response.text
    return Venue.model_validate(response.json())


async def orders(api, **params: object) -> OrderPage:
    return OrderPage.model_validate((await api.get("/v1/orders", params=params)).json())


async def test_everything_the_desks_state_knows_is_told(api, desk):
    await desk.write(TROUBLES)
    await tell(desk)
    state = DeskState("paper")
    for event in TROUBLES:
        evolve(state, event)
    venue, page = await ask(api), await orders(api)
    assert {each.pair: each.reason for each in venue.blocked_books} == state.books_blocked == {"ETH/USDT": "stale"}
    assert {f"{each.portfolio}|{each.pair}" for each in venue.unprotected} == set(state.unprotected)
    assert {f"{each.pair}|{each.venue_id}" for each in venue.external_orders} == set(state.external)
    assert {each.client_id: each.state for each in page.orders} == {
        name: order.state.value for name, order in state.orders.items()
    }
    assert {each.client_id: each.venue_id or "" for each in page.orders} == {
        name: order.venue_id for name, order in state.orders.items()
    }
    assert (venue.orders_open, venue.orders_in_doubt) == (3, 1)


async def test_orders_say_since_when_they_are_what_they_are(api, desk):
    await desk.write(TROUBLES)
    told = {each.client_id: each for each in (await orders(api)).orders}
    assert (told["waiting"].state, told["waiting"].sent_at) == ("INTENDED", None)
    assert (told["lost"].state, told["lost"].changed_at) == ("UNKNOWN", "2025-01-01T00:00:02Z")
    assert told["lost"].reason == "the venue did not answer in time"
    assert (told["going"].venue_id, told["going"].cancel_requested_at) == ("V-2", "2025-01-01T00:00:05Z")
    assert [each.client_id for each in (await orders(api, status="in_doubt")).orders] == ["lost"]
    assert [each.client_id for each in (await orders(api, status="ended")).orders] == ["entry"]


async def test_pages_of_ended_orders_follow_each_other_and_can_be_narrowed(api, desk):
    for number in range(5):
        pair = "BTC/USDT" if number % 2 else "ETH/USDT"
        name = f"q{number}"
        await desk.write([order(name, pair=pair), e.OrderSubmitted(name, T0), e.OrderCancelled(name, "untouched", T0)])
    await desk.write([order("denied"), e.OrderDenied("denied", "C3", "120 bps", "100 bps", T0)])
    seen, before = [], None
    while True:
        page = await orders(api, status="ended", limit=2, **({"before": before} if before else {}))
        seen += [each.client_id for each in page.orders]
        before = page.next
        if before is None:
            break
    assert seen == ["q4", "q3", "q2", "q1", "q0"]
    assert [each.client_id for each in (await orders(api, status="ended", pair="BTC/USDT")).orders] == ["q3", "q1"]
    (denied,) = (await orders(api, status="denied")).orders
    assert (denied.client_id, denied.reason) == ("denied", "C3: 120 bps against 100 bps")
    assert (await orders(api)).orders == []


@pytest.mark.parametrize("wrong", [{"status": "every"}, {"limit": 0}, {"before": "last"}, {"colour": "red"}])
async def test_a_question_for_orders_that_makes_no_sense_is_refused(api, desk, wrong):
    response = await api.get("/v1/orders", params=wrong)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_parameters")


async def test_health_and_balances_are_told_with_what_differs(api, desk):
    await desk.write(TROUBLES)
    await tell(desk)
    venue = await ask(api)
    assert (venue.mode, venue.name, venue.network, venue.market) == ("live", "Kraken", "real", "spot")
    assert (venue.state, venue.heard_at, venue.reconciled_at) == (
        "streaming",
        "2025-01-01T00:00:09Z",
        "2025-01-01T00:00:08Z",
    )
    assert [(each.asset, each.total, each.held, each.expected) for each in venue.balances] == [
        ("BTC", "10", "0.5", "10.5"),
        ("USDT", "-0.5", "0", None),
    ]


async def test_an_asset_that_the_ledger_expects_and_the_venue_does_not_have_is_told(api, desk):
    await desk.write([opened_live()])
    await tell(desk, balances=(), differences=(DifferenceSaid(subject="ETH", expected=D(3), found=D(0)),))
    (balance,) = (await ask(api)).balances
    assert (balance.asset, balance.total, balance.expected) == ("ETH", "0", "3")


async def test_on_perpetuals_positions_are_compared_and_balances_are_not(api, desk):
    await desk.write([opened_live()])
    there = (DifferenceSaid(subject="BTC/USDT:USDT", expected=D(2), found=D(-1)),)
    await tell(desk, name="Binance perpetuals", spot=False, testnet=True, differences=there)
    venue = await ask(api)
    assert (venue.market, venue.network) == ("perp", "test")
    assert [(each.pair, each.expected, each.found) for each in venue.position_differences] == [
        ("BTC/USDT:USDT", "2", "-1")
    ]
    assert all(balance.expected is None for balance in venue.balances)


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({"stream_up": False}, "polling", "asked instead, every 10 s, and every 2 s while"),
        (
            {"fault": "the key may not trade"},
            "faulty",
            "Something stands between the desk and Kraken: the key may not trade.",
        ),
    ],
)
async def test_a_venue_that_is_not_well_says_how(api, desk, changes, state, says):
    await desk.write([opened_live()])
    await tell(desk, **changes)
    venue = await ask(api)
    assert venue.state == state
    assert says in venue.words


async def test_a_desk_that_falls_silent_is_told_and_so_is_that_nobody_looks_after_its_positions(api, desk, clock):
    await desk.write(TROUBLES)
    venue = await ask(api)
    assert (venue.state, venue.told_age_ms) == ("silent", None)
    assert "quorate up --live" in venue.words
    await tell(desk)
    await desk.pool.execute("update roles set seen_at = seen_at - interval '5 minutes' where role = 'venue'")
    venue = await ask(api)
    assert venue.state == "silent"
    assert venue.told_age_ms is not None
    since = datetime.fromtimestamp((clock.now_ms() - venue.told_age_ms) / 1_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    assert venue.words == f"The desk has not been heard of since {since}: nobody looks after orders at Kraken."
    (bare,) = venue.unprotected
    assert bare.doing.startswith("Nothing: no desk is at work on this account.")
    assert "place a stop at 98.5 by hand at Kraken" in bare.doing


async def test_a_desk_is_silent_from_the_age_at_which_a_worker_counts_as_gone(serve, desk):
    patient = await serve(worker_lost_ms=600_000)
    await desk.write([opened_live()])
    await tell(desk)
    await desk.pool.execute("update roles set seen_at = seen_at - interval '5 minutes' where role = 'venue'")
    assert (await ask(patient)).state == "streaming"
    assert (await ask(await serve(worker_lost_ms=60_000))).state == "silent"


async def test_what_another_release_says_of_its_venue_is_left_alone(api, desk):
    await desk.write([opened_live()])
    await desk.pool.execute(
        "insert into roles (role, instance, state, seen_at) values ('venue', '1', '{\"account\": \"paper\"}', now())"
    )
    assert (await ask(api)).state == "silent"


async def test_a_venue_is_no_part_of_the_desks_health(api, desk):
    await desk.write([opened_live()])
    await desk.beat("worker")
    await tell(desk)
    parts = (await api.get("/v1/status/health")).json()["parts"]
    assert [part["name"] for part in parts] == ["feed", "worker", "api", "postgres", "redis"]


HELD = [*TROUBLES[:8], BARE]
SENT = e.OrderSubmitted("s1", T0 + 6_000)
DOING = {
    "nothing yet": ([], "A stop at 98.5 is placed with the desk's next look. Meanwhile the desk watches the price"),
    "on its way": ([stop("s1"), SENT], "Its stop is on its way: Kraken has not answered yet."),
    "in doubt": (
        [stop("s1"), SENT, e.OrderUnknown("s1", "no answer", T0 + 6_500)],
        "Its stop was sent and nobody knows what became of it. Kraken is asked every 2 s;",
    ),
    "refused": (
        [stop("s1"), SENT, e.OrderRejected("s1", "EOrder:Trigger too close", T0 + 6_500)],
        "Its stop came to nothing: EOrder:Trigger too close. It is placed again every 5 s. Meanwhile",
    ),
    "denied": (
        [stop("s1"), e.OrderDenied("s1", "C7", "1", "5", T0 + 6_500)],
        "The desk's own controls refused its stop: C7: 1 against 5. It is placed again",
    ),
    "too small": (
        [stop("s1", quantity="4"), SENT, e.OrderAccepted("s1", T0 + 6_500, "V-3")],
        "The stop at Kraken covers 4 of 10.005: it is cancelled",
    ),
    "being cancelled": (
        [stop("s1"), SENT, e.OrderAccepted("s1", T0 + 6_500, "V-3"), e.CancelRequested("s1", "moved", T0 + 6_800)],
        "Kraken was asked to cancel its old stop; when it is gone",
    ),
    "leaving": (
        [
            order("x1", action=Action.SELL, purpose=Purpose.EXPIRY),
            e.OrderSubmitted("x1", T0 + 6_000),
            e.OrderAccepted("x1", T0 + 6_500, "V-4"),
        ],
        "An order that closes 10.005 of it (expiry) is at Kraken.",
    ),
    "closed by now": ([samples.trade()], "The position is closed by now"),
}


@pytest.mark.parametrize(("then", "says"), DOING.values(), ids=DOING)
async def test_what_is_done_about_a_position_without_a_stop_is_said(api, desk, then, says):
    await desk.write(HELD)
    if then:
        await desk.write(then)
    await tell(desk)
    (bare,) = (await ask(api)).unprotected
    assert bare.doing.startswith(says)
    assert (bare.since, bare.reason) == ("2025-01-01T00:00:07Z", "no stop at the venue for 5.0 s")


async def test_a_stop_of_which_nothing_is_heard_is_not_called_missing(api, desk):
    unheard = e.ProtectionChanged("aggressive", "BTC/USDT", False, "nothing is heard of its stop for 5.0 s", T0 + 7_000)
    await desk.write([*HELD[:-1], stop("s1"), SENT, e.OrderAccepted("s1", T0 + 6_500, "V-3"), unheard])
    await tell(desk, stream_up=False)
    (bare,) = (await ask(api)).unprotected
    assert bare.unheard
    assert bare.doing == (
        "Its stop was last seen waiting at Kraken, which is asked what has happened since, every 2 s to 10 s."
    )


async def test_a_position_without_a_stop_says_what_it_is_and_a_short_one_is_watched_from_above(api, desk):
    short = samples.position().position
    await desk.write([opened_live(), e.PositionChanged(replace(short, side=Side.SHORT), "opened", T0), BARE])
    await tell(desk)
    (bare,) = (await ask(api)).unprotected
    assert (bare.side, bare.quantity, bare.stop) == ("SHORT", "10.005", "98.5")
    assert "closes at the market above 98.5" in bare.doing


async def test_where_no_stop_can_rest_the_desk_says_that_it_watches(api, desk):
    await desk.write(HELD)
    await tell(desk, keeps_stops=False)
    venue = await ask(api)
    assert not venue.stops_rest_there
    assert venue.unprotected[0].doing.startswith("No stop can rest at this venue")


async def test_an_alarm_is_over_when_the_stop_rests(api, desk):
    await desk.write(HELD)
    await desk.write([e.ProtectionChanged("aggressive", "BTC/USDT", True, "its stop rests", T0 + 9_000), strange("0")])
    venue = await ask(api)
    assert venue.unprotected == []
    assert venue.external_orders == []


BREAKS = {
    "a withdrawal": (BALANCE_BREAK, "Look for a withdrawal of BTC at Kraken"),
    "a deposit": (replace(BALANCE_BREAK, found=D(11)), "Look for a deposit of BTC at Kraken"),
    "a position": (replace(BALANCE_BREAK, subject="BTC/USDT"), "Look for a trade in BTC/USDT at Kraken"),
    "vanished": (
        e.BreakFound("BTC/USDT", D(1), D(0), "order q1 vanished at the venue", T0),
        "Look the order up in Kraken's history",
    ),
    "void and open": (
        e.BreakFound("BTC/USDT", D(1), D(1), "q1 was void and is open at the venue", T0),
        "The desk cancels the order. Look at Kraken that it is gone",
    ),
    "closed by others": (
        e.BreakFound("BTC/USDT", D(1), D(0), "it was closed at the venue by no order of ours", T0),
        "Look at Kraken who closed BTC/USDT",
    ),
    "too much": (
        e.BreakFound("BTC/USDT", D(1), D(2), "more was executed than was asked for", T0),
        "Compare the executions of BTC/USDT at Kraken",
    ),
}


@pytest.mark.parametrize(("found", "says"), BREAKS.values(), ids=BREAKS)
async def test_a_break_stands_until_somebody_lets_the_desk_trade_again(api, desk, found, says):
    await desk.write([opened_live(), found, REDUCING])
    await tell(desk)
    (told,) = (await ask(api)).breaks
    assert told.stands
    assert told.todo.startswith(says)
    assert told.todo.endswith("let the desk trade again.")
    await desk.write([e.TradingStateChanged("", "ACTIVE", "a person", "looked at", T0 + 60_000)])
    (told,) = (await ask(api)).breaks
    assert not told.stands
    await desk.write([replace(found, at_ms=T0 + 90_000), REDUCING])
    assert [each.stands for each in (await ask(api)).breaks] == [True, False]


async def test_on_paper_nothing_is_at_a_real_venue_and_that_is_said(api, desk):
    await desk.write([samples.intended("q1"), e.OrderSubmitted("q1", T0), e.OrderAccepted("q1", T0)])
    venue = await ask(api)
    assert (venue.mode, venue.network, venue.state, venue.name) == ("paper", "paper", "paper", "Paper")
    assert "Nothing is at a real venue" in venue.words
    assert venue.orders_open == 1
    assert (await orders(api)).orders[0].venue_id is None
