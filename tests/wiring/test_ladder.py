"""The promotion ladder through a real journal: evidence in, steps out, as the verbs do it."""

import json
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.portfolio import Trade
from quorate.domain.promotion import DAY_MS, Band, Gate, Promotion, PromotionPolicy, Rung
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import Side
from quorate.journal.account import AccountJournal
from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER
from quorate.journal.lease import take_lease, this_process
from quorate.research.findings import Study
from quorate.research.reports.document import write_document
from quorate.settings import Settings
from quorate.wiring.analysts import source_keys
from quorate.wiring.ladder import GateShut, Wish, demote, read_backtest, read_walk, record_gate, show_ladder
from quorate.wiring.stores import open_stores
from quorate.wiring.tools import Silent
from tests.research.made_backtests import made_study

EASY = PromotionPolicy(
    backtest_trades_min=1, backtest_days_min=1, deflated_sharpe_min=Decimal(0), walk_percentile_min=Decimal(0)
)


@pytest.fixture
def settings(data_dir) -> Settings:
    return Settings(data_dir=data_dir, promotion=EASY, store={"redis": "off"})  # pyright: ignore[reportArgumentType]


def backtest_file(folder: Path, *, r: str = "0.3", look_ahead: str = "clean", deflated: float = 0.99) -> Path:
    """A backtest of `breakout` whose trades make `r` each."""
    study = made_study()
    trades = tuple(replace(trade, strategy="breakout", r=Decimal(r)) for trade in study.backtest.trades)
    findings = replace(
        study.findings,
        figures=tuple(
            replace(each, value=deflated) if each.name == "deflated_sharpe" else each for each in study.findings.figures
        ),
        look_ahead=replace(study.findings.look_ahead, verdict=look_ahead),  # pyright: ignore[reportArgumentType]
    )
    backtest = replace(study.backtest, trades=trades, parameters={"breakout": {}})
    write_document(Study(backtest=backtest, findings=findings), folder / "backtest.json")
    return folder / "backtest.json"


def walk_file(folder: Path, *, strategy: str = "breakout", net_return: float = 0.1) -> Path:
    """What `quorate walk-forward --json` prints."""
    told = {
        "strategy": strategy,
        "stitched": {"trades": 50, "net_return": net_return},
        "random": {"percentile": 97.0},
        "look_ahead": "clean",
    }
    (folder / "walk.json").write_text(json.dumps(told))
    return folder / "walk.json"


def wish(gate: Gate, evidence: Path | None = None, *, waived: str | None = None, source: str = "breakout") -> Wish:
    return Wish(source=source, gate=gate, evidence=evidence, paper_account="paper", waived=waived, by="a test")


class TestEvidence:
    def test_a_backtest_is_read_as_it_was_written(self, settings, tmp_path):
        shown = read_backtest(settings, backtest_file(tmp_path).read_bytes(), "breakout")
        assert shown.results.trades == 120
        assert shown.results.mean == Decimal("0.3")
        assert shown.deflated_sharpe == Decimal("0.99")
        assert (shown.look_ahead, shown.days) == ("clean", 75)

    def test_one_of_another_strategy_or_of_other_parameters_is_no_evidence(self, settings, tmp_path):
        body = backtest_file(tmp_path).read_bytes()
        with pytest.raises(BadInput, match="not of trend"):
            read_backtest(settings, body, "trend")
        told = json.loads(body)
        told["parameters"]["breakout"] = {"channel": 21, "stop_atr": "9.5"}
        with pytest.raises(BadInput, match="The backtest is of breakout with"):
            read_backtest(settings, json.dumps(told).encode(), "breakout")

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "null", '{"strategy": "breakout"}', '{"strategy": "breakout", "stitched": 1}']
    )
    def test_what_is_no_walk_forward_is_refused_in_a_sentence(self, text):
        with pytest.raises(BadInput, match="no result of a walk-forward"):
            read_walk(text.encode(), "breakout")

    def test_every_source_that_trades_has_a_key_of_its_own(self, settings):
        keys = source_keys(settings)
        assert {COUNCIL, *settings.desk.strategies} == set(keys)
        faster = settings.model_copy(
            update={"strategies": settings.strategies.model_copy(update={"parameters": {"trend": {"fast": 10}}})}
        )
        assert source_keys(faster)["trend"] != keys["trend"]
        assert source_keys(faster)["breakout"] == keys["breakout"]


class TestJournal:
    async def test_c26_a_source_climbs_gate_by_gate_and_comes_down(self, settings, tmp_path):
        with pytest.raises(BadInput, match="Its next gate is backtest"):
            await record_gate(settings, wish(Gate.WALK_FORWARD, walk_file(tmp_path)))
        with pytest.raises(GateShut, match="looks ahead"):
            await record_gate(settings, wish(Gate.BACKTEST, backtest_file(tmp_path, look_ahead="found")))
        with pytest.raises(GateShut, match=r"-0\.200 R on average"):
            await record_gate(settings, wish(Gate.BACKTEST, backtest_file(tmp_path, r="-0.2")))
        first = await record_gate(settings, wish(Gate.BACKTEST, backtest_file(tmp_path)))
        assert (first.rung, first.band is not None) == (Rung.BACKTESTED, True)
        second = await record_gate(settings, wish(Gate.WALK_FORWARD, walk_file(tmp_path)))
        assert (second.rung, second.band) == (Rung.WALKED_FORWARD, first.band)
        with pytest.raises(GateShut, match="0 closed trades, 20 are needed"):
            await record_gate(settings, wish(Gate.PAPER))
        third = await record_gate(settings, wish(Gate.PAPER, waived="it traded elsewhere"))
        assert (third.rung, third.reason) == (Rung.CANARY, "waived: it traded elsewhere")
        rows = {row["source"]: row for row in await show_ladder(settings)}
        assert (rows["breakout"]["rung"], rows["breakout"]["live"], rows["breakout"]["next gate"]) == (
            "canary",
            "yes",
            "canary",
        )
        assert rows["trend"]["rung"] == "idea"
        down = await demote(settings, "breakout", reason="it sleeps badly", by="a test")
        assert down.rung is Rung.WALKED_FORWARD
        with pytest.raises(BadInput, match="opens nothing live"):
            await demote(settings, "breakout", reason="again", by="a test")

    async def test_c26_paper_days_count_for_the_same_parameters_and_the_bound_portfolio_alone(self, settings):
        """Twenty good trades in a fortnight on paper, written as a desk writes them."""
        own = source_keys(settings)["breakout"]
        await _paper_days(settings, key="rules of another")
        band = Band(mean=Decimal("0.3"), deviation=Decimal(1), fall=Decimal(5))
        last = Promotion(
            source="breakout",
            key=own,
            before=Rung.BACKTESTED,
            rung=Rung.WALKED_FORWARD,
            gate="walk-forward",
            by="a test",
            reason="",
            evidence="",
            band=band,
            at_ms=START_MS,
        )
        await _append(settings, "live", [ev.PromotionChanged(last)])
        with pytest.raises(GateShut, match="with other parameters"):
            await record_gate(settings, wish(Gate.PAPER))
        await _append(settings, "paper", [ev.RecordBegun("breakout", own, None, START_MS)])
        bound = settings.model_copy(update={"venue": replace(settings.venue, portfolio="strategies")})
        elsewhere = settings.model_copy(update={"venue": replace(settings.venue, portfolio="conservative")})
        with pytest.raises(GateShut, match="0 closed trades"):
            await record_gate(elsewhere, wish(Gate.PAPER))
        step = await record_gate(bound, wish(Gate.PAPER))
        assert (step.rung, step.reason.partition(" of ")[0]) == (Rung.CANARY, "20 trades")


START_MS = 1_735_689_600_000


async def _paper_days(settings: Settings, *, key: str) -> None:
    """An account `paper` that has closed twenty trades of breakout in twenty days."""
    opened = ev.AccountOpened("paper", "simulated", "digest", (("strategies", Decimal(10_000)),))
    events: list[ev.Event] = [opened, ev.RecordBegun("breakout", key, None, START_MS)]
    await _append(settings, "paper", events)
    closed: list[ev.Event] = []
    for place in range(20):
        trade = Trade(
            id=f"t{place}",
            portfolio="strategies",
            signal_id=f"s{place}",
            source="breakout",
            pair="BTC/USDT",
            side=Side.LONG,
            quantity=Decimal(1),
            entry=Decimal(100),
            exit=Decimal(101),
            opened_ms=START_MS + place * DAY_MS,
            closed_ms=START_MS + place * DAY_MS + 1,
            fees=Decimal(0),
            pnl=Decimal(1),
            r=Decimal("0.3"),
            reason="target",
        )
        closed.append(ev.TradeClosed(trade))
    await _append(settings, "paper", closed)


async def _append(settings: Settings, account: str, events: list[ev.Event]) -> None:
    async with open_stores(settings, Silent(), redis=False) as stores:
        connect = partial(stores.database.connect, name="a test")
        lease = await take_lease(connect, account=account, owner=LOCAL_OWNER, holder=this_process())
        journal = Journal(connect)
        await journal.open()
        await AccountJournal(journal, lease).append(events, at_ms=START_MS)
        await journal.close()
        await lease.release()
