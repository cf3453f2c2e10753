"""What the command line asks for besides running the house: jobs by hand, the journal's check and export, findings."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

import msgspec

from quorate.clock import SystemClock
from quorate.desk.worker import Stepped
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import QuorateError, Unavailable
from quorate.domain.optimization import NOT_OPTIMIZED
from quorate.journal.entry import milliseconds
from quorate.journal.published import optimization_fields, timestamp
from quorate.journal.restored import begin_epoch
from quorate.journal.verify import export_lines, verify_chain
from quorate.reporting import Finding, Health, StrategyFacts
from quorate.settings import Settings
from quorate.store.readers import inbox, optimizations, roles
from quorate.store.redis_address import check_redis
from quorate.wiring.analysts import strategy, strategy_classes
from quorate.wiring.council import check_names, rule_names
from quorate.wiring.desks import open_desk
from quorate.wiring.feeds import find_feed
from quorate.wiring.stores import Stores, open_stores

FIRST_LOOK_S, LOOK_S_MAX = 0.02, 0.25


@dataclass(frozen=True, slots=True)
class _Errand:
    """A command that is asked for under one key, however often it is asked."""

    job: str
    key: str
    body: Mapping[str, object]


class NoDesk(Unavailable):
    """Nobody is there to be asked."""

    code = "no_desk"


class Silent:
    """A reporter for work that has nothing to tell on its way."""

    def started(self, facts: object) -> None:
        """Not told."""

    def progress(self, *, at_ms: int, start_ms: int, stop_ms: int, candles: int) -> None:
        """Not told."""

    def notice(self, text: str) -> None:
        """Not told."""

    def warning(self, text: str) -> None:
        """Not told."""


async def run_job(settings: Settings, job: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Run a job by hand: through the desk that is running, else by taking its place until the job is done.

    `body` is what the command says besides its name.
    """
    async with open_stores(settings, Silent(), redis=False) as stores:
        account = await _account_of_running_desk(settings, stores)
        key = str(uuid.uuid4())
        if account is not None:
            reply = await _ask(settings, stores, account, _Errand(job, key, body or {}), alive=True)
            if reply is not None:
                return reply
        return await _run_alone(settings, stores, _Errand(job, key, body or {}))


async def ask_desk(settings: Settings, kind: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Ask the desk that is running for something. Errors: Unavailable where none is."""
    async with open_stores(settings, Silent(), redis=False) as stores:
        account = await _account_of_running_desk(settings, stores)
        errand = _Errand(kind, str(uuid.uuid4()), body)
        reply = None if account is None else await _ask(settings, stores, account, errand, alive=True)
        if reply is None:
            raise NoDesk("No desk is running.", hint="Start one with `quorate up`.")
        return reply


async def _account_of_running_desk(settings: Settings, stores: Stores) -> str | None:
    for row in await roles.newest(stores.pool):
        alive = row.role == "worker" and row.age_ms <= settings.api.worker_lost_ms
        if alive and settings.account in (None, row.state.account):
            return row.state.account
    return None


async def _ask(
    settings: Settings, stores: Stores, account: str, errand: _Errand, *, alive: bool = False
) -> dict[str, Any] | None:
    """Ask the desk and wait for its reply; with `alive`, None once it is not heard of any more: it was killed."""
    request = inbox.Request(account=account, kind=errand.job, body=errand.body, requested_by="cli", key=errand.key)
    asked = await inbox.ask(stores.pool, request, id_=uuid.uuid4())
    answer: inbox.Answer | None = asked
    wait_s = FIRST_LOOK_S
    try:
        async with asyncio.timeout(settings.jobs.limit_s):
            while answer is not None and answer.status not in ("done", "failed"):
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LOOK_S_MAX)
                answer = await inbox.answer(stores.pool, asked.id)
                if alive and await _account_of_running_desk(settings, stores) != account:
                    return None
    except TimeoutError:
        raise Unavailable(
            f"The desk gave no reply to {errand.job} within {settings.jobs.limit_s} s.",
            hint="`quorate doctor` looks into it.",
        ) from None
    assert answer is not None, "requests are never deleted while somebody waits"
    reply: dict[str, Any] = json.loads(answer.reply or "{}")
    return reply


async def _run_alone(settings: Settings, stores: Stores, errand: _Errand) -> dict[str, Any]:
    """No desk is running: open it, bring it to the present, run the job as any command, and leave again."""
    clock = SystemClock()
    found = await find_feed(settings, clock)
    present = asyncio.Event()

    def arrived(at_ms: int) -> None:
        if at_ms + _bar_ms(found.source.timeframe) > found.source.now_ms():
            present.set()

    def told(stepped: Stepped) -> None:
        arrived(stepped.step.at_ms)

    try:
        async with open_desk(settings, stores, found, clock, told, stay=True) as opened:
            arrived(opened.desk.state.at_ms or 0)
            working = asyncio.create_task(opened.worker.run())
            try:
                await _until_present(settings, present, working)
                reply = await _ask(settings, stores, opened.desk.state.account, errand)
                assert reply is not None, "the desk is our own"
                return reply
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
    finally:
        await found.source.close()


async def _until_present(settings: Settings, present: asyncio.Event, working: asyncio.Task[None]) -> None:
    """Wait until the desk has caught up with its feed, or for as long as a job may take."""
    waiting = asyncio.create_task(present.wait())
    done, _ = await asyncio.wait([waiting, working], timeout=settings.jobs.limit_s, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if working in done:
        working.result()


def _bar_ms(timeframe: str) -> int:
    return 2 * TIMEFRAME_MS[timeframe]


async def optimizer_config(settings: Settings) -> dict[str, Any]:
    """What the optimizer has set, newest versions first; version 0 where it has set nothing.

    Of the account in the settings, else of the newest desk, else of whichever was changed last.
    """
    async with open_stores(settings, Silent(), redis=False) as stores:
        account = settings.account or await roles.account_of_desk(stores.pool)
        account = account or await optimizations.newest_account(stores.pool)
        versions = [] if account is None else await optimizations.history(stores.pool, account)
    history = [{"version": row.version, "timestamp": timestamp(milliseconds(row.at)), "by": row.by} for row in versions]
    held = versions[0].body if versions else msgspec.json.encode(NOT_OPTIMIZED).decode()
    at = history[0]["timestamp"] if history else None
    return {"account": account, "timestamp": at, **optimization_fields(held), "history": history}


async def verify_journal(settings: Settings, account: str | None) -> dict[str, Any]:
    """Check the whole chain; says how many entries are right and what is wrong with the first that is not."""
    async with open_stores(settings, Silent(), redis=False) as stores:
        connection = await stores.database.connect(name="journal verify")
        try:
            verdict = await verify_chain(connection, account=account)
        finally:
            await connection.close()
    head = verdict.head
    return {
        "ok": verdict.fault is None,
        "entries": verdict.entries,
        "of_account": verdict.of_account,
        "head": f"{head.epoch}-{head.seq}",
        "hash": head.hash.hex(),
        "fault": None if verdict.fault is None else asdict(verdict.fault),
    }


async def journal_restored(settings: Settings, *, by: str, reason: str) -> dict[str, Any]:
    """Tell the journal that it came out of a backup: it goes on in a new epoch. Errors: those of `begin_epoch`."""
    async with open_stores(settings, Silent(), redis=False) as stores:
        connection = await stores.database.connect(name="journal restored")
        try:
            restoration = await begin_epoch(connection, by=by, reason=reason)
        finally:
            await connection.close()
    return {
        "ok": True,
        "epoch": restoration.epoch,
        "backup_ended_at": str(restoration.last),
        "accounts": list(restoration.accounts),
        "open_nothing_until_resumed": list(restoration.stopped),
    }


async def export_journal(settings: Settings, account: str | None, stream: TextIO) -> int:
    """Write the journal out as JSON lines; the number of entries."""
    count = 0
    async with open_stores(settings, Silent(), redis=False) as stores:
        connection = await stores.database.connect(name="journal export")
        try:
            async for line in export_lines(connection, account=account):
                stream.write(line + "\n")
                count += 1
        finally:
            await connection.close()
    return count


def strategies(settings: Settings) -> Sequence[StrategyFacts]:
    """Every strategy there is, with the parameters it would run with."""
    classes = strategy_classes(settings)
    made = [strategy(settings, classes, name) for name in sorted(classes)]
    return [
        StrategyFacts(
            one.name,
            one.timeframe,
            one.warm_up,
            asdict(one.parameters),
        )
        for one in made
    ]


async def check(settings: Settings) -> list[Finding]:
    """Findings that need the house's own parts: the databases, the strategies, the feed."""
    findings: list[Finding] = []
    try:
        async with open_stores(settings, Silent(), redis=True) as stores:
            findings.append(await _database(stores))
            findings.append(await _redis(stores))
    except QuorateError as error:
        findings.append(Finding("databases", Health.FAULT, error.message, error.hint))
    findings.append(_strategies(settings))
    if settings.minds.models:
        findings.append(_models(settings))
    findings.append(await _feed(settings))
    return findings


async def _database(stores: Stores) -> Finding:
    skew_ms = await stores.pool.fetchval("select extract(epoch from clock_timestamp()) * 1000") - SystemClock().now_ms()
    entries = await stores.pool.fetchval("select seq from journal_head")
    detail = f"{stores.database_label}, {entries:,} entries in the journal"
    if abs(skew_ms) > 2_000:
        return Finding("Postgres", Health.WARNING, f"{detail}; its clock is {skew_ms:.0f} ms off", "Set both clocks.")
    return Finding("Postgres", Health.OK, detail)


async def _redis(stores: Stores) -> Finding:
    if stores.redis_url is None:
        return Finding("Redis", Health.OK, f"{stores.redis_label}; everything on this machine works without it")
    try:
        await check_redis(stores.redis_url)
    except QuorateError as fault:
        return Finding("Redis", Health.FAULT, fault.message, fault.hint)
    return Finding("Redis", Health.OK, stores.redis_label)


def _strategies(settings: Settings) -> Finding:
    try:
        classes = strategy_classes(settings)
        check_names(settings)
        for name in {*settings.desk.strategies, *rule_names(settings)}:
            strategy(settings, classes, name)
    except QuorateError as error:
        return Finding("strategies", Health.FAULT, error.message, error.hint)
    return Finding("strategies", Health.OK, ", ".join(settings.desk.strategies))


def _models(settings: Settings) -> Finding:
    """Which models sit on the panel, and which of them have no key; nobody is asked."""
    if not settings.seated:
        return Finding("models", Health.WARNING, "none sits on the panel", "Name them in desk.council.panel.")
    minds = settings.minds
    told = ", ".join(f"{model.analyst} ({model.provider}/{model.model})" for model in settings.seated)
    dumb = [model.analyst for model in settings.seated if minds.key_is_missing(model.provider)]
    if dumb:
        hint = "`quorate doctor --settings` shows which keys are set; docs/minds.md names their variables."
        return Finding("models", Health.WARNING, f"{told}; no key for {', '.join(dumb)}", hint)
    return Finding("models", Health.OK, told)


async def _feed(settings: Settings) -> Finding:
    try:
        found = await find_feed(settings, SystemClock())
    except QuorateError as error:
        return Finding("feed", Health.FAULT, error.message, error.hint)
    await found.source.close()
    if found.reason:
        return Finding("feed", Health.WARNING, f"{found.source.label}: {found.reason}")
    return Finding("feed", Health.OK, found.source.label)
