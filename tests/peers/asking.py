"""Hands candles and orders to a peer in a process of its own, and gets its trades back."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quorate.kernel.bars import Bars, FloatArray, IntArray

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".cache" / "peers" / "bin" / "python"
MODULES = {"backtesting": "backtesting_py.py", "vectorbt": "vectorbt_py.py", "nautilus": "nautilus_py.py"}
WAIT_S = 800
"""Some compile for minutes when they are first asked."""


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What is to be done at the close of each bar: a side or nothing, and where its trade ends."""

    side: IntArray
    stop: FloatArray
    goal: FloatArray
    hold: IntArray
    """Bars after which the rest goes at market; 0 for never."""


@dataclass(frozen=True)
class PeerTrade:
    """A closed trade by rows of candles."""

    entry_row: int
    exit_row: int
    side: int
    entry: float
    exit: float


@dataclass(frozen=True)
class PeerRun:
    """What a peer made of it."""

    trades: tuple[PeerTrade, ...]
    seconds: float
    """CPU time of the run alone, without start-up."""


def installed(peer: str) -> bool:
    """Whether a peer can be asked."""
    name = {"nautilus": "nautilus_trader"}.get(peer, peer)
    return any(PYTHON.parents[1].glob(f"lib/python3*/site-packages/{name}/__init__.py"))


def ask(peer: str, bars: Bars, orders: Orders, folder: Path) -> PeerRun:
    """Run a peer on these candles and orders. Skips loudly where it is not installed."""
    if not installed(peer):
        pytest.skip(f"{peer} is not installed: run `make peers` to compare with other backtesters")
    return answer(peer, bars, orders, folder)


def answer(peer: str, bars: Bars, orders: Orders, folder: Path) -> PeerRun:
    """As `ask`, for benchmarks: the peer has to be there."""
    path = folder / "orders.npz"
    columns: dict[str, Any] = {
        name: getattr(bars, name) for name in ("open_ms", "open", "high", "low", "close", "volume")
    }
    columns |= {"side": orders.side, "stop": orders.stop, "goal": orders.goal, "hold": orders.hold}
    np.savez(path, **columns)
    command = [str(PYTHON), str(Path(__file__).parent / MODULES[peer]), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    trades = (
        PeerTrade(int(first), int(last), 1 if side > 0 else -1, float(entry), float(exit_))
        for first, last, side, entry, exit_ in told["trades"]
    )
    return PeerRun(tuple(trades), float(told["seconds"]))
