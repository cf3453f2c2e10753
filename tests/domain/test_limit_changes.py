"""Which changes of the owner's numbers let more through, and what holds while they wait."""

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.limit_changes import LOOSENS, Change, Loosens, OwnersLimits, loosened, tighter
from quorate.domain.market import MarketKind
from quorate.domain.policy import DeskPolicy, PortfolioPolicy
from quorate.domain.promotion import PromotionPolicy
from quorate.domain.signals import Tier

D = Decimal
LIMITS = OwnersLimits(
    desk=DeskPolicy(), promotion=PromotionPolicy(), portfolio="aggressive", stake=D(100), cool_down_hours=24
)


def with_limit(**changes) -> OwnersLimits:
    return replace(LIMITS, desk=replace(LIMITS.desk, limits=replace(LIMITS.desk.limits, **changes)))


def with_portfolio(**changes) -> OwnersLimits:
    first, *others = LIMITS.desk.portfolios
    return replace(LIMITS, desk=replace(LIMITS.desk, portfolios=(replace(first, **changes), *others)))


def test_every_field_that_there_is_says_what_loosens_it():
    def look(kind: type, value: object) -> None:
        named = LOOSENS[kind]
        for field in fields(value):  # type: ignore[arg-type]
            inner = getattr(value, field.name)
            if is_dataclass(inner):
                look(type(inner), inner)
            elif field.name != "portfolios":
                assert field.name in named, f"{kind.__name__}.{field.name}"
        assert set(named) <= {field.name for field in fields(value)}  # type: ignore[arg-type]

    look(OwnersLimits, LIMITS)
    look(PortfolioPolicy, LIMITS.desk.portfolios[0])


LOOSER = [
    (with_limit(order_notional_max=D(60_000)), "desk.limits.order_notional_max"),
    (with_limit(collar_bps=201), "desk.limits.collar_bps"),
    (with_limit(throttle_window_ms=30_000), "desk.limits.throttle_window_ms"),
    (with_portfolio(leverage=D(4)), "desk.portfolios.aggressive.leverage"),
    (with_portfolio(daily_loss_limit=D("0.06")), "desk.portfolios.aggressive.daily_loss_limit"),
    (with_portfolio(tiers=(*Tier,)), "desk.portfolios.aggressive.tiers"),
    (with_portfolio(risk_per_trade=D("0.001")), "desk.portfolios.aggressive.risk_per_trade"),
    (replace(LIMITS, stake=D(101)), "venue.stake"),
    (replace(LIMITS, cool_down_hours=23), "venue.cool_down_hours"),
    (replace(LIMITS, portfolio="conservative"), "venue.portfolio"),
    (replace(LIMITS, promotion=PromotionPolicy(paper_days_min=13)), "promotion.paper_days_min"),
    (
        replace(LIMITS, desk=replace(LIMITS.desk, execution=replace(LIMITS.desk.execution, dead_man_s=0))),
        "desk.execution.dead_man_s",
    ),
]
TIGHTER = [
    with_limit(order_notional_max=D(40_000)),
    with_limit(order_quantity_max=D(3)),
    with_limit(allowed_pairs=("BTC/USDT",)),
    with_limit(restricted_pairs=("XRP/USDT",)),
    with_portfolio(leverage=D(2)),
    with_portfolio(market=MarketKind.SPOT),
    replace(LIMITS, stake=D(50)),
    replace(LIMITS, cool_down_hours=48),
]


@pytest.mark.parametrize(("wanted", "name"), LOOSER, ids=[name for _, name in LOOSER])
def test_c28_a_loosening_is_named_and_held_back(wanted, name):
    assert [change.name for change in loosened(LIMITS, wanted)] == [name]
    held, _ = tighter(LIMITS, wanted, allowed=lambda _: False)
    assert held == LIMITS
    allowed, waiting = tighter(LIMITS, wanted, allowed=lambda _: True)
    assert (allowed, waiting) == (wanted, ())


@pytest.mark.parametrize("wanted", TIGHTER)
def test_c28_a_tightening_holds_at_once(wanted):
    assert tighter(LIMITS, wanted, allowed=lambda _: False) == (wanted, ())


@pytest.mark.parametrize("tight", TIGHTER)
def test_c28_taking_a_tightening_back_is_a_loosening(tight):
    assert loosened(tight, LIMITS)


def test_c28_of_two_changes_at_once_the_tightening_holds_and_the_loosening_waits():
    wanted = with_limit(collar_bps=50, open_orders_max=500)
    held, waiting = tighter(LIMITS, wanted, allowed=lambda _: False)
    assert (held.desk.limits.collar_bps, held.desk.limits.open_orders_max) == (50, 200)
    assert waiting == (Change("desk.limits.open_orders_max", "200", "500"),)


class TestLists:
    def test_an_allow_list_may_shrink_and_not_grow_nor_vanish(self):
        accepted = with_limit(allowed_pairs=("BTC/USDT", "ETH/USDT"))
        shrunk = with_limit(allowed_pairs=("BTC/USDT",))
        assert tighter(accepted, shrunk, allowed=lambda _: False)[0] == shrunk
        grown = with_limit(allowed_pairs=("BTC/USDT", "SOL/USDT"))
        assert tighter(accepted, grown, allowed=lambda _: False)[0] == shrunk
        assert tighter(accepted, LIMITS, allowed=lambda _: False)[0] == accepted

    def test_an_allow_list_of_nothing_but_new_names_does_not_become_one_that_allows_all(self):
        accepted, wanted = with_limit(allowed_pairs=("BTC/USDT",)), with_limit(allowed_pairs=("SOL/USDT",))
        assert tighter(accepted, wanted, allowed=lambda _: False)[0] == accepted

    def test_a_pair_taken_off_the_restricted_ones_stays_restricted(self):
        accepted, wanted = with_limit(restricted_pairs=("XRP/USDT",)), with_limit(restricted_pairs=("SOL/USDT",))
        held, _ = tighter(accepted, wanted, allowed=lambda _: False)
        assert held.desk.limits.restricted_pairs == ("SOL/USDT", "XRP/USDT")

    def test_a_new_portfolio_is_left_out_until_it_is_allowed(self):
        new = PortfolioPolicy(name="mine")
        wanted = replace(LIMITS, desk=replace(LIMITS.desk, portfolios=(*LIMITS.desk.portfolios, new)))
        held, waiting = tighter(LIMITS, wanted, allowed=lambda _: False)
        assert held == LIMITS
        assert [change.name for change in waiting] == ["desk.portfolios.mine"]

    def test_a_smaller_panel_waits(self):
        council = replace(LIMITS.desk.council, panel=("trend",))
        wanted = replace(LIMITS, desk=replace(LIMITS.desk, council=council))
        assert [change.name for change in loosened(LIMITS, wanted)] == ["desk.council.panel"]


NUMBERS = [name for name, rule in LOOSENS[type(LIMITS.desk.limits)].items() if rule in (Loosens.UP, Loosens.DOWN)]


@given(st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 10**6)), st.booleans())
def test_c28_what_holds_is_never_looser_than_what_was_accepted(changes, decimals):
    wanted = with_limit(**{name: D(value) if decimals else value for name, value in changes.items()})
    held, waiting = tighter(LIMITS, wanted, allowed=lambda _: False)
    assert loosened(LIMITS, held) == ()
    assert waiting == loosened(LIMITS, wanted)
    assert tighter(held, wanted, allowed=lambda change: change in waiting)[0] == wanted
