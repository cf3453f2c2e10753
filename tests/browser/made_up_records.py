"""The made-up desk's records of analysts: one ranked, some not, and a council that must say what it does not beat."""

from __future__ import annotations

from quorate.api.schemas.records import (
    AnalystKind,
    AnalystRecord,
    AnalystRecords,
    Baseline,
    Bounds,
    CalibrationBin,
    Comparison,
    Contaminated,
    Cost,
    Luck,
    RecordKey,
    Verdict,
)
from quorate.api.schemas.results import Interval
from tests.browser.made_up import generator, instant
from tests.browser.made_up_council import MODELS

DAY_MS = 86_400_000
WHO: tuple[tuple[str, AnalystKind, int, int, float], ...] = (
    ("trend", "rule", 412, 46, 0.11),
    ("council", "council", 168, 44, 0.07),
    ("momentum", "rule", 391, 46, -0.09),
    ("breakout", "rule", 71, 46, 0.02),
    ("claude", "model", 96, 12, 0.21),
    ("gemini", "model", 0, 0, 0.0),
    ("majority", "majority", 183, 44, 0.05),
    ("bar_reaction", "strategy", 23, 9, -1.4),
)
"""Analyst, kind, decisions, days, average R."""
RANKED = ("trend", "council", "majority", "momentum")


def _comparison(name: str, against: Baseline, other: str, verdict: Verdict, estimate: float) -> Comparison:
    words = {"luck": "luck", "buy_and_hold": "buying and holding", "best_single": f"its best single analyst ({other})"}
    beaten = words.get(against, "a plain majority")
    begin = f"{name[0].upper()}{name[1:]}"
    sentence = {
        "beats": f"{begin} beats {beaten} by {estimate:+.2f} R a trade.",
        "does_not_beat": f"{begin} does not beat {beaten}: it differs by {estimate:+.2f} R a trade.",
        "cannot_be_told": f"It cannot be told yet whether {name} beats {beaten}: 12 of 30 closed trades.",
    }[verdict]
    wide = 0.09 if verdict == "beats" else 0.16
    known = verdict != "cannot_be_told"
    return Comparison(
        against=against,
        other=other,
        difference=Interval(
            estimate=estimate,
            low=estimate - wide if known else None,
            high=estimate + wide if known else None,
            note="Bootstrap over 44 days." if known else "9 days are too few for an interval.",
        ),
        trades=168,
        other_trades=168 if against != "best_single" else 391,
        verdict=verdict,
        sentence=sentence,
    )


def _comparisons(name: str, kind: AnalystKind, average: float, *, enough: bool) -> list[Comparison]:
    luck: Verdict = "cannot_be_told" if not enough else "beats" if average > 0.06 else "does_not_beat"
    found = [
        _comparison(name, "luck", "1000 random traders", luck, average + 0.03),
        _comparison(name, "buy_and_hold", "buy-and-hold", luck, average + 0.02),
    ]
    if kind == "council":
        found.append(_comparison(name, "best_single", "trend", "does_not_beat", -0.04))
        found.append(_comparison(name, "majority", "majority", "cannot_be_told", 0.02))
    return found


def _calibration(name: str, count: int) -> list[CalibrationBin]:
    rng = generator("calibration", name)
    if count < 20:
        return []
    bins: list[CalibrationBin] = []
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        said = round(low + float(rng.uniform(0.02, 0.08)), 3)
        won = round(max(0.05, min(0.95, 0.35 + (said - 0.5) * 0.6 + float(rng.normal(0, 0.05)))), 3)
        votes = int(rng.integers(4, count // 3 + 5))
        bins.append(CalibrationBin(low=low, high=round(low + 0.1, 1), count=votes, confidence=said, win_rate=won))
    return bins


def _record(name: str, kind: AnalystKind, decisions: int, days: int, average: float, now_ms: int) -> AnalystRecord:
    closed = max(0, decisions - 9)
    enough = closed >= 30 and days >= 30
    ranked = name in RANKED
    provider, model = MODELS.get(name, (None, None))
    wide = 1.1 / max(1, closed) ** 0.5
    model_key = f"{provider}/{model} full-1 temperature 0, 16384 tokens"
    average_r = average if closed else None
    return AnalystRecord(
        analyst=name,
        kind=kind,
        record=RecordKey(
            key=model_key if kind == "model" else f"rules {name}-9f86d081",
            provider=provider,
            model=model,
            template="full-1" if kind == "model" else None,
            sampling="temperature 0, 16384 tokens" if kind == "model" else None,
            digest=None if kind == "model" else "9f86d081",
            newest=True,
        ),
        knowledge_cutoff="2026-01-31" if name == "claude" else None,
        weight=1.12 if name == "trend" else 0.84 if name == "momentum" else 1.0 if kind in ("rule", "model") else None,
        since=instant(now_ms - days * DAY_MS) if days else None,
        days=days,
        decisions=decisions,
        abstentions=31 if kind == "model" else 0,
        failures={"timeout": 22, "over_budget": 9} if name == "claude" else {},
        closed=closed,
        open=min(4, decisions),
        never_entered=2 if closed else 0,
        contaminated=Contaminated(
            closed=14 if name == "gemini" else 0, open=0, average_r=0.6 if name == "gemini" else None
        ),
        win_rate=round(max(0.1, 0.46 + average / 6), 4) if closed else None,
        average_r=average_r,
        average_r_interval=Bounds(low=average - 1.96 * wide, high=average + 1.96 * wide) if closed > 10 else None,
        expectancy_r=average * closed / (closed + 30) if closed else None,
        brier=0.247 if closed else None,
        calibration=_calibration(name, closed),
        calibration_error=0.087 if closed >= 20 else None,
        flip_rate=0.14 if name == "claude" else 0.0 if kind == "rule" else None,
        input_tokens=2_957_000 if kind == "model" else 0,
        output_tokens=120_400 if kind == "model" else 0,
        cost=_cost(kind),
        ranked=ranked,
        rank=RANKED.index(name) + 1 if ranked else None,
        unranked_why=None if ranked else f"{decisions} of 100 decisions, {days} of 30 days so far.",
        luck=Luck(
            traders=1000,
            trades=closed,
            average_r=average_r,
            interval=Bounds(low=-0.08, high=0.05) if closed else None,
            percentile=98.3 if average > 0.06 else 31.0 if closed else None,
            p_value=0.017 if average > 0.06 else 0.69 if closed else None,
        ),
        comparisons=_comparisons("the council" if name == "council" else name, kind, average, enough=enough),
    )


def _cost(kind: AnalystKind) -> Cost:
    if kind != "model":
        return Cost(usd="0", usd_per_decision=0, usd_per_trade=0, r_usd=9.1, r_per_decision=0, r_per_trade=0)
    return Cost(
        usd="8.124410",
        usd_per_decision=0.0846,
        usd_per_trade=0.0934,
        r_usd=9.1,
        r_per_decision=0.0093,
        r_per_trade=0.01,
    )


def records(now_ms: int, *, all_records: bool) -> AnalystRecords:
    """Every analyst's record; with `all_records` also an earlier one of a model."""
    made = [_record(*who, now_ms) for who in WHO]
    if all_records:
        claude = next(each for each in made if each.analyst == "claude")
        key = claude.record.model_copy(update={"key": f"{claude.record.key}, compact-1", "newest": False})
        made.append(claude.model_copy(update={"record": key}))
    ranked = sorted((each for each in made if each.ranked), key=lambda each: each.rank or 0)
    return AnalystRecords(models=[*ranked, *(each for each in made if not each.ranked)], as_of=instant(now_ms - 90_000))
