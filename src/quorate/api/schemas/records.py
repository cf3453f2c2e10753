"""Records of analysts: what every vote would have earned, how sure that is, and what it is held against."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Exact, Instant, Shape
from quorate.api.schemas.results import Interval

AnalystKind = Literal["rule", "model", "strategy", "council", "majority"]
Verdict = Literal["beats", "does_not_beat", "cannot_be_told"]
Baseline = Literal["luck", "buy_and_hold", "best_single", "majority"]
Share = Annotated[float, Field(ge=0, le=1)]


class Bounds(Shape):
    """Where a value lies with 95 % confidence."""

    low: float
    high: float


class RecordKey(Shape):
    """What a record belongs to: a change of any part of it starts another one."""

    key: Annotated[str, Field(examples=["gemini/gemini-2.5-pro full-1 temperature 0, 16384 tokens"])]
    provider: Annotated[str | None, Field(description="Of a model.", examples=["gemini"])]
    model: Annotated[str | None, Field(description="The provider's model id.", examples=["gemini-2.5-pro"])]
    template: Annotated[str | None, Field(description="Version of the prompt.", examples=["full-1"])]
    sampling: Annotated[
        str | None, Field(description="Sampling settings of a model.", examples=["temperature 0, 16384 tokens"])
    ]
    digest: Annotated[
        str | None,
        Field(description="Of a rule: of its parameters; of the council and the majority: of the panel's own records."),
    ]
    newest: Annotated[bool, Field(description="Whether it is the analyst's present record.")]


class CalibrationBin(Shape):
    """Votes whose confidence lies from `low` up to `high`: well calibrated where `win_rate` equals `confidence`."""

    low: Share
    high: Share
    count: int
    confidence: Share
    win_rate: Share


class Contaminated(Shape):
    """Votes from a time the model may have read about: shown apart, they count for nothing."""

    closed: int
    open: int
    average_r: float | None


class Cost(Shape):
    """What asking a model has cost, and what that is in R.

    1 R in money is the base notional of the first portfolio that trades the council (its start equity times its base)
    times the analyst's mean distance from entry to stop (`risk_share`).
    """

    usd: Exact
    usd_per_decision: float | None
    usd_per_trade: Annotated[float | None, Field(description="Over every shadow trade it has begun.")]
    r_usd: Annotated[float | None, Field(description="Money that 1 R stands for; null before a trade has closed.")]
    r_per_decision: float | None
    r_per_trade: Annotated[float | None, Field(description="What comparisons take off every result.")]


class Luck(Shape):
    """Random traders: each tossed a coin between every one of these trades and its mirror image.

    They had the same entries, exits, turnover and costs. The tosses are the same for everybody who asks.
    """

    traders: Annotated[int, Field(examples=[1000])]
    trades: Annotated[int, Field(description="Closed trades that have a closed mirror image.")]
    average_r: Annotated[float | None, Field(description="The analyst's own mean on these trades, token money paid.")]
    interval: Annotated[Bounds | None, Field(description="The middle 95 % of the random traders.")]
    percentile: Annotated[float | None, Field(ge=0, le=100, description="Share of them it left behind, in percent.")]
    p_value: Annotated[float | None, Field(description="How often luck alone does as well or better.")]


class Comparison(Shape):
    """The analyst against a baseline, token money included, and in plain words what may be concluded from it."""

    against: Baseline
    other: Annotated[str, Field(description="Who that is.", examples=["trend"])]
    difference: Annotated[Interval, Field(description="Mean R a trade: the analyst's less the baseline's.")]
    trades: Annotated[int, Field(description="The analyst's trades that were compared.")]
    other_trades: int
    verdict: Verdict
    sentence: Annotated[str, Field(examples=["The council does not beat its best single model (trend)."])]


class AnalystRecord(Shape):
    """One record of one analyst: every vote run to its end on paper with the same exits and costs."""

    analyst: Annotated[str, Field(examples=["momentum"])]
    kind: AnalystKind
    record: RecordKey
    knowledge_cutoff: Annotated[str | None, Field(description="Of a model; not known where null.")]
    weight: Annotated[float | None, Field(description="In the council, by the optimizer; null off the panel.")]
    since: Annotated[Instant | None, Field(description="When the record began.")]
    days: Annotated[int, Field(description="UTC days on which it decided.")]
    decisions: Annotated[int, Field(description="Votes with a direction, and abstentions.")]
    abstentions: Annotated[int, Field(description="Times it had no vote; failures among them.")]
    failures: Annotated[dict[str, int], Field(description="Why a model did not vote -> how often.")]
    closed: Annotated[int, Field(description="Shadow trades that ran to their end and count.")]
    open: int
    never_entered: Annotated[int, Field(description="Ended without their entry being reached: neither won nor lost.")]
    contaminated: Contaminated
    win_rate: Share | None
    average_r: float | None
    average_r_interval: Annotated[Bounds | None, Field(description="95 %, bootstrap over days.")]
    expectancy_r: Annotated[float | None, Field(description="`average_r` shrunk by n / (n + 30).")]
    brier: Annotated[float | None, Field(description="Brier score of its confidence: 0 is perfect, 0.25 a coin's.")]
    calibration: list[CalibrationBin]
    calibration_error: Annotated[float | None, Field(description="Expected calibration error (ECE), 0 to 1.")]
    flip_rate: Annotated[Share | None, Field(description="Share of repeated questions answered with another side.")]
    input_tokens: int
    output_tokens: int
    cost: Cost
    ranked: bool
    rank: Annotated[int | None, Field(ge=1, description="By the lower bound of its expectancy, among the ranked.")]
    unranked_why: Annotated[str | None, Field(examples=["12 of 100 decisions, 3 of 30 days so far."])]
    luck: Luck
    comparisons: Annotated[list[Comparison], Field(description="Luck and buy-and-hold; for the council also others.")]


class AnalystRecords(Shape):
    """Every analyst that ever voted on this account: the newest record of each, ranked ones first."""

    models: list[AnalystRecord]
    as_of: Annotated[Instant | None, Field(description="When the newest of these trades closed.")]
