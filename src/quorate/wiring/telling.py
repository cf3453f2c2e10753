"""What a worker says of itself: how its sources of context, providers of models and venue are doing, what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from loguru import logger
from msgspec.structs import replace

from quorate.accounts.settings import PERPETUALS, TITLES
from quorate.domain.errors import QuorateError
from quorate.feeds.context.parts import PARTS
from quorate.store.readers.context import ContextSaid, FigureSaid, PartSaid, TextSaid
from quorate.store.readers.roles import BudgetState, ProviderState, SourceState
from quorate.store.readers.venue import BalanceSaid, DifferenceSaid, VenueSaid
from quorate.wiring.simulated_funding import Funded

if TYPE_CHECKING:
    from quorate.accounts.settings import LiveVenueSettings
    from quorate.desk.dealer import Dealer
    from quorate.desk.ports import Mind
    from quorate.feeds.context.parts import ContextView
    from quorate.settings import Settings
    from quorate.wiring.council import Seated
    from quorate.wiring.feeds import FoundFeed

FUNDING = "funding"
TELL_S = 5.0
"""How often the context is told."""
WORDS_CHARS_MAX = 300
"""Characters of a fault's text that are told."""


def sources_said(seated: Seated | None) -> tuple[SourceState, ...]:
    """Every source of context; empty where the desk has none."""
    if seated is None or seated.world is None:
        return ()
    return tuple(
        SourceState(
            name=health.name,
            state=health.state,
            breaker=health.breaker,
            fault=health.fault,
            why=health.why[:WORDS_CHARS_MAX],
            age_ms=health.age_ms,
            failures=health.failures,
        )
        for health in seated.world.board.health()
    )


def providers_said(settings: Settings, mind: Mind | None) -> tuple[tuple[ProviderState, ...], BudgetState | None]:
    """The providers that the panel's models and their fallbacks are asked through, and what is left of today's budget.

    Nothing where no model sits, or where models answer from the records of an earlier run.
    """
    if mind is None:
        return (), None
    from quorate.minds.gateway import Gateway  # noqa: PLC0415  loaded only where a model sits

    if not isinstance(mind, Gateway):
        return (), None
    wanted = {each.provider for model in settings.seated for each in (model, *model.fallbacks)}
    providers = tuple(
        ProviderState(
            name=name,
            breaker=state.breaker,
            failures=state.failures,
            under_way=state.under_way,
            waits_s=round(state.waits_s, 3),
            last_latency_ms=state.last_latency_ms,
            last_fault=state.last_fault[:WORDS_CHARS_MAX],
        )
        for name, state in sorted(mind.states().items())
        if name in wanted
    )
    try:
        spent = mind.spent_today()
    except QuorateError:
        return providers, None
    budget = settings.minds.budget
    return providers, BudgetState(
        spent_usd=spent.usd, limit_usd=budget.day_usd, spent_tokens=spent.tokens, limit_tokens=budget.day_tokens
    )


def venue_said(settings: LiveVenueSettings, account: str, dealer: Dealer | None) -> VenueSaid:
    """How the real venue is doing; while no desk is at work there, only which one it is."""
    name, spot = TITLES[settings.name] if settings.name else "", settings.name not in PERPETUALS
    if dealer is None:
        return VenueSaid(
            account=account,
            name=name,
            testnet=settings.testnet,
            elsewhere=bool(settings.urls),
            spot=spot,
            keeps_stops=True,
            stream_up=False,
            fault="the desk is being opened",
        )
    health = dealer.listener.health
    there = health.account
    return VenueSaid(
        account=account,
        name=name,
        testnet=settings.testnet,
        elsewhere=bool(settings.urls),
        spot=spot,
        keeps_stops=dealer.venue.keeps_stops,
        stream_up=health.stream_up,
        heard_ms=health.heard_ms,
        reconciled_ms=health.reconciled_ms,
        fault=health.fault[:WORDS_CHARS_MAX],
        compared_ms=None if there is None else there.at_ms,
        balances=()
        if there is None
        else tuple(BalanceSaid(asset=each.asset, total=each.total, held=each.held) for each in there.balances),
        differences=tuple(
            DifferenceSaid(subject=each.subject, expected=each.expected, found=each.found)
            for each in health.differences
        ),
    )


def context_said(settings: Settings, found: FoundFeed, seated: Seated | None, *, at_ms: int | None) -> ContextSaid:
    """Everything known at `at_ms`, the instant of the newest step; or why nothing is. Never raises."""
    account = found.account
    if seated is None or at_ms is None:
        return ContextSaid(account=account, available=False, why="The desk is not ready yet.")
    why_none = "" if seated.world is not None else _why_none(settings, found.source.kind)
    try:
        made_up = _simulated_funding(seated, at_ms)
        if seated.world is None:
            parts = tuple(PartSaid(name=part, state="off") for part in PARTS)
            said = ContextSaid(account=account, available=False, why=why_none, at_ms=at_ms, parts=parts)
        else:
            said = _viewed(account, seated.world.board.view(at_ms, seated.world.pairs))
    except Exception as error:  # noqa: BLE001  what is only told must not stop a desk
        logger.warning("The context cannot be told: {}.", type(error).__name__)
        return ContextSaid(account=account, available=False, why="The context cannot be told just now.")
    if not made_up:
        return said
    simulated = PartSaid(name=FUNDING, state="present", age_ms=0, why="Simulated, as the market is.")
    return replace(
        said,
        available=True,
        figures=(*said.figures, *made_up),
        parts=tuple(simulated if part.name == FUNDING else part for part in said.parts),
    )


def _viewed(account: str, view: ContextView) -> ContextSaid:
    return ContextSaid(
        account=account,
        available=True,
        at_ms=view.at_ms,
        figures=figures_in(view),
        texts=tuple(_texts(view)),
        parts=parts_in(view),
    )


def parts_in(view: ContextView) -> tuple[PartSaid, ...]:
    """How every part of the context is."""
    return tuple(PartSaid(name=part.name, state=part.state, age_ms=part.age_ms, why=part.why) for part in view.parts)


def figures_in(view: ContextView) -> tuple[FigureSaid, ...]:
    """Every figure that is known."""
    return tuple(_figures(view))


def _simulated_funding(seated: Seated, at_ms: int) -> tuple[FigureSaid, ...]:
    """The rates of a simulated market; nothing where the market is none."""
    if not isinstance(seated.lookout, Funded):
        return ()
    rates = sorted(seated.lookout.funding.rates(at_ms).items())
    return tuple(
        _figure(FUNDING, "Funding rate (simulated)", rate, "ratio per 8 h", 0, pair=pair) for pair, rate in rates
    )


def _why_none(settings: Settings, kind: str) -> str:
    live = settings.context.live
    if kind != "exchange":
        return (
            f"A {kind} feed knows no present of ours: live sources are asked with an exchange's feed only, and no "
            "recording of any is set."
        )
    if live == "off":
        return 'Live sources are switched off (context.live = "off").'
    return (
        'Live sources are asked where a model sits on the panel (context.live = "auto"), and none does. '
        'Set context.live = "on" to ask them anyway.'
    )


def _figures(view: ContextView) -> Iterator[FigureSaid]:
    share, mood = view.figures.dominance, view.figures.fear_greed
    if share is not None:
        yield _figure("dominance", "BTC dominance", share.percent, "percent", share.age_ms)
        if share.change_24h is not None:
            change, unit = share.change_24h, "percentage points"
            yield _figure("dominance", "BTC dominance, change over 24 h", change, unit, share.age_ms)
    if mood is not None:
        yield _figure("fear_greed", "Fear and Greed index", Decimal(mood.value.value), "of 100", mood.age_ms)
    for coin, row in sorted(view.figures.coins.items()):
        if row.value.cap is not None:
            yield _figure("coins", "Market cap", row.value.cap, "USD", row.age_ms, pair=coin, told=False)
    for pair, rate in sorted(view.figures.funding.items()):
        yield _figure(FUNDING, "Funding rate", rate.value.per_8h, "ratio per 8 h", rate.age_ms, pair=pair)
    for pair, interest in sorted(view.figures.open_interest.items()):
        value, unit = interest.value.value_usd, "USD"
        if value is None:
            value, unit = interest.value.amount, "coins"
        if value is not None:
            yield _figure("open_interest", "Open interest", value, unit, interest.age_ms, pair=pair, told=False)


def _figure(
    part: str, name: str, value: Decimal, unit: str, age_ms: int, *, pair: str | None = None, told: bool = True
) -> FigureSaid:
    return FigureSaid(part=part, name=name, pair=pair, value=value, unit=unit, age_ms=age_ms, told=told)


def _texts(view: ContextView) -> Iterator[TextSaid]:
    for item in (*view.texts.news, *view.texts.social, *view.texts.community):
        yield TextSaid(
            kind=item.kind,
            source=item.source,
            title=item.title,
            text=item.text,
            url=item.url,
            at_ms=item.published_ms,
            tone=item.sentiment.score,
        )
