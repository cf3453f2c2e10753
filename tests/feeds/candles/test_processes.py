"""Downloads as processes that are stopped, killed, or out of room: nothing is half-written, all is resumable."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.checking import check_series
from tests.feeds.candles.conftest import BTC, DAY, T0, candles, same
from tests.feeds.candles.contracts import LoopbackContracts
from tests.feeds.loopback import served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals and limits are POSIX")]
COUNT = 62 * 288
NOW = T0 + 62 * DAY + 60_000
LIMIT = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))\n"
RUN = "from quorate.cli.main import main\nmain()\n"


@pytest.fixture
async def exchange() -> AsyncGenerator[LoopbackContracts]:
    loopback = LoopbackContracts(lambda: NOW)
    whole = candles(COUNT)
    loopback.rows["BTC"] = [(at, *v) for at, v in zip(whole.stamps.tolist(), whole.values.T.tolist(), strict=True)]
    async with served(loopback):
        yield loopback


@pytest.fixture
def config(tmp_path: Path, exchange: LoopbackContracts) -> Path:
    """Settings that lead to the loopback exchange."""
    api = exchange.urls()["api"]
    lines = [f'{name} = "{url}"' for name, url in api.items() if isinstance(url, str)]
    path = tmp_path / "quorate.toml"
    path.write_text(f'data_dir = "{tmp_path / "home"}"\n[feed.urls.api]\n' + "\n".join(lines) + "\n")
    return path


async def started(config: Path, store: CandleStore, *, room: int | None = None) -> asyncio.subprocess.Process:
    """`quorate data download` of two months of candles, as a process; `room` is the most bytes a file may have."""
    verb = ["data", "download", "--pairs", "BTC/USDT", "--timerange", "20250101-", "--json"]
    program = RUN if room is None else LIMIT.format(bytes=room) + RUN
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *verb,
        "--config",
        str(config),
        "--store",
        str(store.root),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def half_written(store: CandleStore) -> list[str]:
    return [path.name for path in store.root.rglob("*") if path.suffix == ".tmp"]


async def finished(config: Path, store: CandleStore) -> None:
    """A second run, which has to bring everything else."""
    code, out, err = await ended(await started(config, store))
    assert code == 0, err
    assert json.loads(out)["series"][0]["missing"] == 0
    assert same(store.rows(BTC), candles(COUNT))
    assert check_series(store, BTC).verdict == "ok"
    assert half_written(store) == []


async def test_ctrl_c_leaves_what_came_and_the_next_run_goes_on(
    exchange: LoopbackContracts, config: Path, store: CandleStore
) -> None:
    exchange.stalls_after = 11
    process = await started(config, store)
    async with asyncio.timeout(120):
        await exchange.stalled.wait()
    process.send_signal(signal.SIGINT)
    code, out, err = await ended(process)
    assert (code, out) == (130, "")
    assert "the same command goes on from there" in err
    assert same(store.rows(BTC), candles(COUNT).part(0, 11_000))
    assert half_written(store) == []
    exchange.stalls_after = None
    exchange.asked.clear()
    await finished(config, store)
    assert min(at for _, _, at in exchange.asked) == T0 + 11_000 * 300_000


async def test_a_killed_download_keeps_every_month_it_had_finished(
    exchange: LoopbackContracts, config: Path, store: CandleStore
) -> None:
    exchange.stalls_after = 11
    process = await started(config, store)
    async with asyncio.timeout(120):
        await exchange.stalled.wait()
    process.kill()
    await ended(process)
    # The month that ended within the last answers is written; what waited for its month to end is asked for again.
    stored = store.rows(BTC)
    assert same(stored, candles(COUNT).part(0, len(stored)))
    assert len(stored) >= 31 * 288
    exchange.stalls_after = None
    await finished(config, store)


async def test_a_full_disk_is_said_and_what_was_written_is_whole(
    exchange: LoopbackContracts, config: Path, store: CandleStore
) -> None:
    whole = candles(COUNT)
    store.write(BTC, whole.part(0, 3_000), overwrite=False)
    before = store.parts(BTC)[0].read_bytes()
    code, out, err = await ended(await started(config, store, room=len(before) + 20_000))
    assert (code, out) == (3, "")
    assert "There is no room to write" in err
    assert "it goes on from there" in err
    assert "Traceback" not in err
    assert store.parts(BTC)[0].read_bytes() == before
    assert np.array_equal(store.rows(BTC).stamps, whole.stamps[:3_000])
    assert half_written(store) == []
    await finished(config, store)
