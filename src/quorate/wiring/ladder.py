"""The promotion ladder for people: reads what was shown, holds it against its gate, and has the step journalled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from quorate.clock import SystemClock
from quorate.domain import events as ev
from quorate.domain.errors import BadInput, Refused
from quorate.domain.promotion import (
    DAY_MS,
    DEMOTION,
    BacktestShown,
    Band,
    Gate,
    Promotion,
    Results,
    Rung,
    WalkShown,
    band_of,
    fault_in_backtest,
    fault_in_canary,
    fault_in_paper,
    fault_in_walk,
    next_gate,
    results_of,
    rung_of,
)
from quorate.domain.signals import COUNCIL
from quorate.journal.account import AccountJournal
from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, milliseconds
from quorate.journal.errors import LeaseHeld
from quorate.journal.lease import take_lease, this_process
from quorate.journal.published import timestamp
from quorate.research.reports.document import read_document
from quorate.store.readers import records, trades
from quorate.wiring.analysts import rule_records, source_keys, strategy, strategy_classes
from quorate.wiring.desks import folded
from quorate.wiring.live import live_account
from quorate.wiring.stores import open_stores
from quorate.wiring.tools import Silent, ask_desk

if TYPE_CHECKING:
    from quorate.settings import Settings
    from quorate.wiring.stores import Stores

FILE_BYTES_MAX = 64_000_000
PROMOTE = "promote"
"""The command by which a running desk writes a step down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A gate somebody wants to have passed, and by what."""

    source: str
    gate: Gate
    evidence: Path | None
    """What `quorate backtest --out` or `quorate walk-forward --json` wrote; None for the gates of traded days."""
    paper_account: str
    """Whose trades count for the paper days."""
    waived: str | None
    """Why the owner lets the gate be passed without it; the journal keeps that."""
    by: str


class GateShut(Refused):
    """What was shown does not pass the gate."""

    code = "gate_shut"


async def show_ladder(settings: Settings) -> list[dict[str, Any]]:
    """Where every source stands, how it came there, and what is before it."""
    account = live_account(settings)
    async with open_stores(settings, Silent(), redis=False) as stores:
        state = await folded(stores.pool, account)
    rows: list[dict[str, Any]] = []
    for source, key in sorted(source_keys(settings).items()):
        last = state.promotions.get(source)
        rung = rung_of(last, key)
        gate = next_gate(rung)
        changed = last is not None and last.key != key
        rows.append(
            {
                "source": source,
                "rung": rung.value,
                "live": "yes" if rung.live else "no",
                "next gate": "" if gate is None else gate.value,
                "since": "" if last is None or changed else timestamp(last.at_ms),
                "why": "it is not what rose: its parameters or its panel changed" if changed else _why(last),
            }
        )
    return rows


def _why(last: Promotion | None) -> str:
    return "" if last is None else f"{last.gate}: {last.reason}"


async def record_gate(settings: Settings, wish: Wish) -> Promotion:
    """Hold what was shown against its gate and, where it passes, have the step journalled.

    Errors: GateShut with the reason; BadInput for what is no evidence, or the wrong gate.
    """
    key = key_of(settings, wish.source)
    account = live_account(settings)
    async with open_stores(settings, Silent(), redis=False) as stores:
        state = await folded(stores.pool, account)
        last = state.promotions.get(wish.source)
        rung = rung_of(last, key)
        if rung is not wish.gate.opens_from:
            gate = next_gate(rung)
            hint = f"Its next gate is {gate}." if gate else "There is no gate after that."
            raise BadInput(f"{wish.source} stands at {rung}, not before the gate {wish.gate}.", hint=hint)
        shown = await _shown(settings, stores, wish, last)
        promotion = Promotion(
            source=wish.source,
            key=key,
            before=rung,
            rung=wish.gate.leads_to,
            gate=wish.gate.value,
            by=wish.by,
            reason=f"waived: {wish.waived}" if wish.waived else shown.said,
            evidence=shown.evidence,
            band=shown.band,
            at_ms=max(SystemClock().now_ms(), state.at_ms or 0),
        )
        await _journal(settings, stores, account, promotion)
    return promotion


async def demote(settings: Settings, source: str, *, reason: str, by: str) -> Promotion:
    """Take a source down to where it has to pass the paper days again; it opens nothing live from then on."""
    key = key_of(settings, source)
    account = live_account(settings)
    async with open_stores(settings, Silent(), redis=False) as stores:
        state = await folded(stores.pool, account)
        last = state.promotions.get(source)
        rung = rung_of(last, key)
        if last is None or not rung.live:
            raise BadInput(f"{source} stands at {rung}: it opens nothing live.")
        promotion = Promotion(
            source=source,
            key=key,
            before=rung,
            rung=Rung.WALKED_FORWARD,
            gate=DEMOTION,
            by=by,
            reason=reason,
            evidence="",
            band=last.band,
            at_ms=max(SystemClock().now_ms(), state.at_ms or 0),
        )
        await _journal(settings, stores, account, promotion)
    return promotion


def key_of(settings: Settings, source: str) -> str:
    """Identity of one source. Errors: BadInput for one that trades nothing."""
    keys = source_keys(settings)
    if source not in keys:
        raise BadInput(f"Nothing trades as {source!r}.", hint=f"There is {', '.join(sorted(keys))}.")
    return keys[source]


@dataclass(frozen=True, slots=True)
class _Shown:
    said: str
    evidence: str
    band: Band | None


async def _shown(settings: Settings, stores: Stores, wish: Wish, last: Promotion | None) -> _Shown:
    """What was shown for a gate. Errors: GateShut, BadInput."""
    band = None if last is None else last.band
    if wish.waived is not None and wish.evidence is None:
        return _Shown(wish.waived, "", band)
    if wish.gate is Gate.BACKTEST:
        shown = read_backtest(settings, _body(wish), wish.source)
        _pass(wish, fault_in_backtest(shown, settings.promotion))
        results = shown.results
        said = f"{results.trades} trades over {shown.days:.0f} days, {results.mean:+.3f} R each"
        return _Shown(said, _canonical(asdict(shown)), band_of(results))
    if wish.gate is Gate.WALK_FORWARD:
        walked = read_walk(_body(wish), wish.source)
        _pass(wish, fault_in_walk(walked, settings.promotion))
        said = f"{100 * walked.net_return:+.2f} % where it counts, over {walked.percentile:.0f} % of random choosers"
        return _Shown(said, _canonical(asdict(walked)), band)
    if band is None:
        raise GateShut(
            f"No backtest of {wish.source} is on record, so that nothing says what to expect of its trades.",
            hint=f"Give the backtest again: `quorate ladder record {wish.source} {wish.gate} --evidence FILE`.",
        )
    account = wish.paper_account if wish.gate is Gate.PAPER else live_account(settings)
    if wish.gate is Gate.PAPER:
        since_ms = await _same_since(settings, stores, account, wish.source)
    else:
        since_ms = 0 if last is None else last.at_ms
    results = await traded(stores, account, wish.source, since_ms=since_ms, portfolio=settings.venue.portfolio)
    judge = fault_in_paper if wish.gate is Gate.PAPER else fault_in_canary
    _pass(wish, judge(results, band, settings.promotion))
    said = f"{results.trades} trades of account {account} in {results.days:.0f} days, {results.mean:+.3f} R each"
    return _Shown(said, _canonical({"account": account, **asdict(results)}), band)


def _pass(wish: Wish, fault: str | None) -> None:
    if fault is not None and wish.waived is None:
        raise GateShut(f"{wish.source} does not pass the gate {wish.gate}: {fault}.", hint="docs/promotion.md")


async def _same_since(settings: Settings, stores: Stores, account: str, source: str) -> int:
    """Since when an account has traded the very thing that would trade live. Errors: GateShut where it does not."""
    rules = rule_records(settings)
    since_ms = 0
    for begun in await records.begun(stores.pool, account):
        if not begun.newest or begun.analyst not in (settings.desk.council.panel if source == COUNCIL else (source,)):
            continue
        if begun.record != rules.get(begun.analyst, begun.record):
            raise GateShut(
                f"Account {account} trades {begun.analyst} with other parameters than those that would trade live.",
                hint="Let it trade on paper what is to trade for real.",
            )
        since_ms = max(since_ms, 0 if begun.since is None else milliseconds(begun.since))
    return since_ms


async def traded(stores: Stores, account: str, source: str, *, since_ms: int, portfolio: str | None) -> Results:
    """The closed trades of a source in an account since an instant, summed up; of one portfolio where it is named."""
    rows = await trades.results_of_source(stores.pool, account, source, portfolio=portfolio)
    closed = [(milliseconds(row.closed_at), row.r) for row in rows]
    return results_of([(at_ms, r) for at_ms, r in closed if at_ms >= since_ms])


def read_backtest(settings: Settings, body: bytes, source: str) -> BacktestShown:
    """What a backtest's document shows of a source. Errors: BadInput, also for one of other parameters."""
    study = read_document(body)
    backtest = study.backtest
    name = CONSENSUS if source == COUNCIL else source
    closed = sorted((trade.closed_ms, trade.r) for trade in backtest.trades if trade.strategy == name)
    if name not in backtest.strategies and not closed:
        raise BadInput(f"This backtest is one of {', '.join(backtest.strategies)}, not of {source}.")
    if source != COUNCIL:
        _same_parameters(settings, source, backtest.parameters.get(source, {}))
    deflated = study.findings.figure("deflated_sharpe")
    value = None if deflated is None else deflated.value
    return BacktestShown(
        results=results_of(closed),
        days=Decimal(backtest.end_ms - backtest.start_ms) / DAY_MS,
        deflated_sharpe=_number(value),
        look_ahead="not_checked" if study.findings.look_ahead is None else study.findings.look_ahead.verdict,
    )


CONSENSUS = "consensus"
"""The council's name in a backtest."""


def _same_parameters(settings: Settings, source: str, tested: Mapping[str, object]) -> None:
    """Errors: BadInput where the backtest was of other parameters than those that would trade."""
    own = asdict(strategy(settings, strategy_classes(settings), source).parameters)
    for name, value in tested.items():
        if name in own and _text(own[name]) != _text(value):
            raise BadInput(
                f"The backtest is of {source} with {name} = {_text(value)}; the settings say {_text(own[name])}.",
                hint="Run it again with the settings that would trade.",
            )


def _text(value: object) -> str:
    number = _number(value) if not isinstance(value, bool) else None
    return str(value) if number is None else f"{number.normalize():f}"


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read_walk(body: bytes, source: str) -> WalkShown:
    """What a walk-forward's JSON shows of a source. Errors: BadInput."""
    try:
        told: dict[str, Any] = json.loads(body)
        if told["strategy"] != source:
            raise BadInput(f"This walk-forward is one of {told['strategy']}, not of {source}.")
        stitched, percentile = told["stitched"], _number(told["random"]["percentile"])
        net_return = _number(stitched["net_return"])
        trades_made = int(stitched["trades"])
        look_ahead = cast("str | None", told["look_ahead"])
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise BadInput(
            "This is no result of a walk-forward.", hint="`quorate walk-forward … --json > FILE` writes one."
        ) from fault
    return WalkShown(
        trades=trades_made,
        net_return=net_return if net_return is not None else Decimal(0),
        percentile=percentile if percentile is not None else Decimal(0),
        look_ahead=look_ahead or "not_checked",
    )


def _body(wish: Wish) -> bytes:
    if wish.evidence is None:
        raise BadInput(f"The gate {wish.gate} wants to see a file.", hint="Give it with --evidence FILE.")
    try:
        with wish.evidence.open("rb") as file:
            body = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadInput(f"{wish.evidence} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if len(body) > FILE_BYTES_MAX:
        raise BadInput(f"{wish.evidence} is larger than {FILE_BYTES_MAX // 1_000_000} MB.")
    return body


def _canonical(shown: Mapping[str, object]) -> str:
    return json.dumps(shown, sort_keys=True, separators=(",", ":"), default=str)


async def _journal(settings: Settings, stores: Stores, account: str, promotion: Promotion) -> None:
    """Write the step down: under the account's lease, or by the desk that holds it."""
    connect = partial(stores.database.connect, name="ladder")
    try:
        lease = await take_lease(connect, account=account, owner=LOCAL_OWNER, holder=this_process())
    except LeaseHeld:
        body = msgspec.to_builtins(promotion, builtin_types=())
        reply = await ask_desk(settings.model_copy(update={"account": account}), PROMOTE, {"promotion": body})
        if not reply.get("success"):
            raise Refused(str(reply.get("error") or "The desk did not write the step down.")) from None
        return
    journal = Journal(partial(stores.database.connect, name="journal"))
    try:
        await journal.open()
        own = AccountJournal(journal, lease)
        at_ms = promotion.at_ms
        await own.append([ev.WriterChanged(lease.writer.token), ev.PromotionChanged(promotion)], at_ms=at_ms)
    finally:
        await journal.close()
        await lease.release()
