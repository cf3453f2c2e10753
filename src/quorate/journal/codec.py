"""Events as canonical JSON: the exact bytes that are stored, hashed, and read back.

Canonical means: keys sorted, no spaces, Decimals as text, UTF-8. The digest of an entry is SHA-256 over these bytes.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, cast

import msgspec

from quorate.domain import events as e
from quorate.domain.events import EVENT_KINDS, Event
from quorate.journal.errors import KindUnknown

_encoder = msgspec.json.Encoder(order="sorted", decimal_format="string")


def encode(event: Event) -> bytes:
    """The canonical body of `event`."""
    return _encoder.encode(event)


def decode(kind: str, body: str | bytes) -> Event:
    """The event of `kind` that `body` holds. A wrong body is corruption: ValueError names it.

    Errors: KindUnknown, where a newer release wrote the journal (F36).
    """
    if kind not in EVENT_KINDS:
        raise KindUnknown(
            f"The journal has an entry of kind {kind}, which this release does not know.",
            hint="A newer release wrote it: install that one again.",
        )
    try:
        return _decoder(kind).decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"a journal entry of kind {kind} cannot be read: {error}") from error


def digest_of(body: bytes) -> bytes:
    """SHA-256 of a canonical body."""
    return sha256(body).digest()


@cache
def _decoder(kind: str) -> "msgspec.json.Decoder[Event]":
    return msgspec.json.Decoder(EVENT_KINDS[kind])


_SUBJECTS: dict[type[Event], Callable[[Any], str]] = {
    e.AccountOpened: lambda event: cast("str", event.mode),
    e.WriterChanged: lambda event: str(event.token),
    e.JournalRestored: lambda event: str(event.epoch),
    e.MarketListed: lambda event: event.market.pair,
    e.CandleQuarantined: lambda event: event.candle.pair,
    e.StepClosed: lambda _: "",
    e.QuotesMarked: lambda _: "",
    e.SnapshotTaken: lambda event: event.digest,
    e.EquityMarked: lambda event: event.point.portfolio,
    e.RegimeChanged: lambda event: event.pair,
    e.MarketRegimeChanged: lambda event: event.regime.value,
    e.VotesCast: lambda event: event.slot,
    e.CouncilAsked: lambda event: event.slot,
    e.PositionsEvaluated: lambda event: event.slot,
    e.LessonLearned: lambda event: event.lesson.trade,
    e.OptimizationChanged: lambda event: str(event.config.version),
    e.FundingPaid: lambda event: f"{event.portfolio} {event.pair}",
    e.SignalPublished: lambda event: event.signal.id,
    e.CooldownSet: lambda event: event.pair,
    e.StrategyPaused: lambda event: f"{event.strategy} {event.pair}",
    e.OrderIntended: lambda event: event.intent.client_id,
    e.OrderDenied: lambda event: event.client_id,
    e.OrderSubmitted: lambda event: event.client_id,
    e.OrderAccepted: lambda event: event.client_id,
    e.OrderFilled: lambda event: event.fill.client_id,
    e.OrderCancelled: lambda event: event.client_id,
    e.OrderRejected: lambda event: event.client_id,
    e.OrderUnknown: lambda event: event.client_id,
    e.OrderVoided: lambda event: event.client_id,
    e.CancelRequested: lambda event: event.client_id,
    e.DustLeft: lambda event: f"{event.portfolio} {event.pair}",
    e.ProtectionChanged: lambda event: f"{event.portfolio} {event.pair}",
    e.BookStatusChanged: lambda event: event.pair,
    e.DepthMeasured: lambda event: event.pair,
    e.VenueAccountOpened: lambda event: event.venue,
    e.BalancesRounded: lambda event: event.amounts[0][0] if event.amounts else "",
    e.VenuePaid: lambda event: f"{event.pair} {event.kind}",
    e.ExternalOrderChanged: lambda event: event.order.venue_id,
    e.ExternalFilled: lambda event: event.trade_id,
    e.BreakFound: lambda event: event.subject,
    e.PositionChanged: lambda event: f"{event.position.portfolio} {event.position.pair}",
    e.TradeClosed: lambda event: event.trade.id,
    e.ShadowChanged: lambda event: event.shadow.id,
    e.ShadowClosed: lambda event: event.id,
    e.RecordBegun: lambda event: event.analyst,
    e.BreakerChanged: lambda event: f"{event.portfolio} {event.name}",
    e.KillSwitchRearmed: lambda event: event.portfolio,
    e.PromotionChanged: lambda event: event.promotion.source,
    e.TradingStateChanged: lambda event: event.scope,
    e.JobCompleted: lambda event: event.slot,
    e.JobFailed: lambda event: event.slot,
}


def subject_of(event: Event) -> str:
    """What the event is about, as one word or two: an id, a pair, a portfolio, a slot. Kept beside the body."""
    return _SUBJECTS[type(event)](event)


assert _SUBJECTS.keys() == set(EVENT_KINDS.values()), "every kind of event has a subject"
