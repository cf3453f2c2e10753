"""Whose record a vote belongs to, and when a record begins anew."""

from dataclasses import replace
from decimal import Decimal

from quorate.domain import events as ev
from quorate.domain.minds import ModelAsked
from quorate.domain.votes import Ballot, Side, Vote
from tests.desk.desks import BTC, Bench, bar, of_kind, open_desk

KEY = "gemini/gemini-2.5-pro full-1 temperature 0, 16384 tokens"
FLAT = "100 100 100 100"
PANEL = ("gemini", "momentum", "trend")


def ballot(bench: Bench, slot: str, *, asked: bool) -> Ballot:
    """A ballot of a panel with a model that was asked, or that abstains because the desk is late."""
    said = Vote("gemini", BTC.pair, Side.FLAT, Decimal(0), None, None, None, "late: catching up", abstained=not asked)
    model = ModelAsked(
        analyst="gemini",
        provider="gemini",
        model="gemini-2.5-pro",
        template="full-1",
        prompt="p",
        code="voted",
        stood_in="",
        askings=(),
        record=KEY,
        knowledge_cutoff="2024-01-31",
    )
    return Ballot(slot, bench.at_ms, PANEL, (said,), "models", (model,) if asked else ())


def scan(bench: Bench, slot: str, *, asked: bool) -> list[ev.Event]:
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    _, events = bench.desk.scan(snapshot, ballot(bench, slot, asked=asked))
    return events


def test_a_model_that_was_not_asked_keeps_its_record() -> None:
    """A desk that comes back is late for its first cycles: what its models did before still counts."""
    bench = open_desk()
    bench.step(FLAT)
    begun = of_kind(scan(bench, "s1", asked=True), ev.RecordBegun)
    assert ("gemini", KEY) in {(event.analyst, event.key) for event in begun}
    bench.desk.state.weights["gemini"] = Decimal("1.2")
    assert of_kind(scan(bench, "s2", asked=False), ev.RecordBegun) == []
    assert of_kind(scan(bench, "s3", asked=True), ev.RecordBegun) == []
    assert bench.desk.state.weights["gemini"] == Decimal("1.2")


def test_a_rule_with_other_parameters_begins_another_record() -> None:
    bench = open_desk()
    bench.step(FLAT)
    scan(bench, "s1", asked=True)
    bench.desk.charter = replace(bench.desk.charter, records={"trend": "rules 0123456789ab"})
    begun = of_kind(scan(bench, "s2", asked=True), ev.RecordBegun)
    assert [(event.analyst, event.key) for event in begun] == [("trend", "rules 0123456789ab")]
