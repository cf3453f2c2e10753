"""The command line with a house behind it that only notes what it was asked to do."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from decimal import Decimal
from types import ModuleType

import pytest
from loguru import logger

from quorate.reporting import Finding, Health, PortfolioResult, RunSummary, StartUp, StrategyFacts

SUMMARY = RunSummary(
    account="replay-0123456789abcdef",
    feed="replay of binance 5m",
    candles=2_016,
    steps=288,
    signals=9,
    gold=1,
    silver=2,
    single=6,
    trades=7,
    quarantined={"ADA/USDT": 6, "XRP/USDT": 1_200},
    portfolios=(
        PortfolioResult(
            name="aggressive",
            equity=Decimal("10012.50"),
            cash=Decimal("9990.10"),
            return_pct=Decimal("0.125"),
            trades=4,
        ),
        PortfolioResult(
            name="conservative", equity=Decimal(9_950), cash=Decimal(9_950), return_pct=Decimal("-0.5"), trades=3
        ),
    ),
    state_hash="ab" * 32,
    journal="1-1234",
    elapsed_s=0.5,
    candles_per_s=4_032.0,
)


ADJUSTMENT = {"subject": "weight trend", "count": 9, "before": "1", "after": "1.2", "reason": "9 trades, 9 won"}


class House(ModuleType):
    """Stands where `quorate.wiring` stands. `fails` is raised by whatever is called next."""

    def __init__(self) -> None:
        super().__init__("quorate.wiring")
        self.settings = None
        self.roles = frozenset()
        self.job = None
        self.body = None
        self.fails: BaseException | None = None
        self.stopped_by: signal.Signals | None = None
        self.answer = {"success": True, "cycle": 3, "signals": 0}
        self.report = {"ok": True, "entries": 12, "account": "paper", "fault": None}
        self.found = [Finding("Postgres", Health.OK, "18.4, embedded")]

    def _called(self, settings) -> None:
        self.settings = settings
        if self.fails is not None:
            raise self.fails

    async def up(self, settings, *, roles, console, exit_at_end):
        self._called(settings)
        self.roles = roles
        console.started(
            StartUp(
                mode="paper",
                account=SUMMARY.account,
                feed=SUMMARY.feed,
                feed_reason="binance did not answer within 5 s",
                simulated=False,
                roles=sorted(roles),
                url=f"http://127.0.0.1:{settings.api.port}",
                data_dir=settings.data_dir,
                database="embedded Postgres 18.4",
                redis="off",
            )
        )
        for done in range(0, 101, 10):
            console.progress(at_ms=done, start_ms=0, stop_ms=100, candles=done * 20)
        if self.stopped_by is not None:
            os.kill(os.getpid(), self.stopped_by)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return SUMMARY
        console.notice("All candles are traded.")
        console.warning("One candle was refused.")
        return SUMMARY

    async def run_job(self, settings, job, body=None):
        self._called(settings)
        self.job, self.body = job, body
        return self.answer

    async def optimizer_config(self, settings):
        self._called(settings)
        return {
            "account": "paper",
            "version": 2,
            "weights": {"trend": "1.2"},
            "adjustments": [ADJUSTMENT],
            "history": [{"version": 2, "timestamp": "2025-01-01T00:00:00Z", "by": "ann"}],
        }

    async def verify_journal(self, settings, account):
        self._called(settings)
        return {**self.report, "account": account}

    async def journal_restored(self, settings, *, by, reason):
        self._called(settings)
        return {"ok": True, "epoch": 2, "by": by, "reason": reason}

    async def export_journal(self, settings, account, stream):
        self._called(settings)
        stream.write('{"seq": 1}\n')
        return 1

    async def check(self, settings):
        self._called(settings)
        return self.found

    def strategies(self, settings):
        self._called(settings)
        return [StrategyFacts("trend", "1h", 60, {"fast": 20, "slow": 50}), StrategyFacts("mine", "5m", 20, {})]


@pytest.fixture
def house(monkeypatch, tmp_path):
    """A house that notes what it is asked, in an empty folder with an empty environment."""
    house = House()
    monkeypatch.setitem(sys.modules, "quorate.wiring", house)
    monkeypatch.setattr("quorate.wiring", house, raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "REDIS_URL", "CRON_SECRET", "CRONS_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    return house


@pytest.fixture
def quorate(house, capsys):
    """Run one command; gives its exit code, what it printed and what it said."""
    from quorate.cli.main import outcome

    def quorate(*arguments: str) -> tuple[int, str, str]:
        code = outcome(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield quorate
    logger.remove()
    root.handlers[:] = handlers
    root.setLevel(level)
