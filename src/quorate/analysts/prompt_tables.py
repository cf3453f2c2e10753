"""The lines of a prompt: fixed columns, rounded numbers, one line for each thing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from quorate.analysts.prompt_inputs import COLUMNS, Coin, Figure, PromptInputs, Quote, TextKind, TrackRow
from quorate.analysts.prompt_text import name, quoted
from quorate.domain.money import plain
from quorate.domain.portfolio import Position

NOTHING = "-"
PRICE_HEADING = "pair,price,regime,funding_pct_8h,turnover_24h"
POSITIONS_MAX = 60
TRACK_MAX = 12
FIGURES_MAX = 12
REPEATS_MAX = 5
"""Texts of a kind that are looked at for each that is shown: a flood of the same one costs no time."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A quoted text as it stands in the prompt."""

    kind: TextKind
    text: str


def head(inputs: PromptInputs, *, brief: bool) -> list[str]:
    """What is never left out: market, rules of the day, open positions, records.

    `brief` tells of positions only which pairs are held, which way and how they stand.
    """
    policy, background = inputs.policy, inputs.background
    lines = [
        f"reward / risk: at least {plain(policy.reward_risk_min)}",
        f"entry: within {plain(policy.entry_drift_max * 100)} percent of the pair's price",
        *market(inputs),
    ]
    lines += _brief_positions(inputs) if brief else _positions(inputs)
    lines += ["# Records of the panel, from closed paper trades of single votes (- means not known)"]
    lines += ["analyst,trades,win_rate_pct,average_r,mean_confidence_pct,brier"]
    lines += [_track(row) for row in background.track[:TRACK_MAX]] or ["none yet"]
    return lines


def market(inputs: PromptInputs) -> list[str]:
    """The market as a whole: regime, dominance, funding, and what else was measured about it."""
    funding_known = any(coin.funding is not None for coin in inputs.coins)
    return [
        "# Market",
        f"regime {inputs.market_regime}: {inputs.market_why}",
        f"btc dominance change 24h: {_known(inputs.dominance_change, 'percentage points')}",
        f"funding: {'in the price table, + means longs pay' if funding_known else 'not known'}",
        *[_figure(figure, inputs.at_ms) for figure in inputs.background.figures[:FIGURES_MAX]],
    ]


def legend(columns: Sequence[int]) -> list[str]:
    """What the indicator columns mean, in one line."""
    meanings = "; ".join(f"{COLUMNS[place].heading} {COLUMNS[place].meaning}" for place in columns)
    return [f"Columns of the indicator tables (- means not known): {meanings}."]


def places(headings: Collection[str]) -> tuple[int, ...]:
    """Places in `COLUMNS` of the given headings; of all where none is given."""
    return tuple(place for place, column in enumerate(COLUMNS) if not headings or column.heading in headings)


def price_row(coin: Coin) -> str:
    """A coin's line in the price table."""
    funding = NOTHING if coin.funding is None else _rounded(coin.funding * 100, 4)
    return f"{coin.pair},{plain(coin.price)},{coin.regime},{funding},{_large(coin.turnover)}"


def reading_heading(columns: Sequence[int]) -> str:
    """The heading of an indicator table."""
    return ",".join(("pair", *(COLUMNS[place].heading for place in columns)))


def reading_row(coin: Coin, timeframe: str, columns: Sequence[int]) -> str:
    """A coin's line in the indicator table of a timeframe."""
    readings = coin.readings.get(timeframe)
    if readings is None:
        return f"{coin.pair},no bars"
    shown = (_shown(readings[place], COLUMNS[place].decimals) for place in columns)
    return f"{coin.pair},{','.join(shown)}"


def quotes(inputs: PromptInputs, kinds: Collection[TextKind], *, of_each_max: int) -> list[Line]:
    """The newest texts of these kinds as quoted lines, newest first, the same text once.

    A text that was published after the decision's instant is not there: a replay must not know the future.
    """
    known = [quote for quote in inputs.background.quotes if quote.kind in kinds and quote.at_ms <= inputs.at_ms]
    known.sort(key=lambda quote: (-quote.at_ms, quote.kind, quote.source, quote.text))
    lines: list[Line] = []
    seen: set[str] = set()
    counts, looked_at = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    for quote in known:
        if counts[quote.kind] == of_each_max or looked_at[quote.kind] == REPEATS_MAX * of_each_max:
            continue
        looked_at[quote.kind] += 1
        text = quoted(quote.text)
        if text and text not in seen:
            seen.add(text)
            counts[quote.kind] += 1
            lines.append(Line(kind=quote.kind, text=_quote(quote, text, inputs.at_ms)))
    return lines


def _quote(quote: Quote, text: str, at_ms: int) -> str:
    return f'- {hours(at_ms - quote.at_ms)} h ago, {name(quote.source)}: "{text}"'


def _figure(figure: Figure, at_ms: int) -> str:
    return f"{name(figure.name)}: {plain(figure.value)} {name(figure.unit)}, {hours(at_ms - figure.at_ms)} h old"


def _positions(inputs: PromptInputs) -> list[str]:
    prices = {coin.pair: coin.price for coin in inputs.coins}
    rows = [_position(position, prices, inputs.at_ms) for position in inputs.background.positions]
    return ["# Open positions", "portfolio,pair,side,entry,stop,last_target,hours_open,profit_r", *_bounded(rows)]


def _brief_positions(inputs: PromptInputs) -> list[str]:
    prices = {coin.pair: coin.price for coin in inputs.coins}
    held: dict[tuple[str, str], list[str]] = {}
    for position in inputs.background.positions:
        held.setdefault((name(position.pair), position.side), []).append(_profit(position, prices))
    rows = [f"{pair},{side},{' '.join(profits)}" for (pair, side), profits in sorted(held.items())]
    return ["# Open positions", "pair,side,profit_r of each portfolio", *_bounded(rows)]


def _bounded(rows: Sequence[str]) -> list[str]:
    more = [f"and {len(rows) - POSITIONS_MAX} more"] if len(rows) > POSITIONS_MAX else []
    return [*rows[:POSITIONS_MAX], *more] or ["none"]


def _position(position: Position, prices: Mapping[str, Decimal], at_ms: int) -> str:
    fields = (
        name(position.portfolio),
        name(position.pair),
        position.side,
        plain(position.entry),
        plain(position.stop),
        plain(position.plan.targets[-1].price) if position.plan.targets else NOTHING,
        hours(at_ms - position.opened_ms),
        _profit(position, prices),
    )
    return ",".join(fields)


def _profit(position: Position, prices: Mapping[str, Decimal]) -> str:
    price = prices.get(position.pair)
    if price is None or position.risk <= 0:
        return NOTHING
    return _rounded((price - position.entry) * position.side.sign / position.risk, 2)


def _track(row: TrackRow) -> str:
    fields = (
        name(row.analyst),
        str(row.trades),
        _percent(row.win_rate),
        NOTHING if row.average_r is None else _rounded(row.average_r, 2),
        _percent(row.confidence),
        NOTHING if row.brier is None else _rounded(row.brier, 3),
    )
    return ",".join(fields)


def _known(value: Decimal | None, unit: str) -> str:
    return "not known" if value is None else f"{plain(value)} {unit}"


def _percent(share: Decimal | None) -> str:
    return NOTHING if share is None else _rounded(share * 100, 0)


def hours(span_ms: int) -> str:
    """A span of time as it stands in a prompt."""
    return f"{max(span_ms, 0) / HOUR_MS:.1f}"


def _rounded(value: Decimal, decimals: int) -> str:
    return plain(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN) + 0)


def _shown(value: float | None, decimals: int) -> str:
    if value is None:
        return NOTHING
    text = f"{value:.{decimals}f}"
    return text[1:] if text[0] == "-" and not text.strip("-0.") else text


def _large(value: float) -> str:
    """A large amount with three significant digits and K, M or B."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
