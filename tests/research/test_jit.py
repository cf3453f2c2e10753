"""Functions are compiled as they stand, and old machine code is never served."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.research import jit, kernel, ticks
from quorate.research.compiled import run, warm
from quorate.research.jit import compiled, edition
from quorate.rules import costs, exits, funding, margin, matching, sizing

PROGRAM = """
import sys, time
from pathlib import Path
from quorate.research import jit
from quorate.rules import exits, margin
jit.keep_cache_in(Path(sys.argv[1]))
assert "numba" not in sys.modules
assert jit.compiled(margin.bankruptcy_price)(1, 1_000, 4_000_000) == 750
if len(sys.argv) > 2:
    exits.PPM = int(sys.argv[2])
dispatcher = jit._entry(exits.r_ppm)
print(dispatcher(1, 100, 90, 105), sum(dispatcher.stats.cache_hits.values()))
"""


def told(*arguments: str, **variables: str) -> str:
    here = {**os.environ, **variables}
    here.pop("NUMBA_CACHE_DIR", None) if "NUMBA_CACHE_DIR" not in variables else None
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SIDES = st.sampled_from([1, -1])
PRICES = st.integers(1, 10**9)
RATES = st.integers(0, 10**6)


@given(SIDES, PRICES, PRICES, PRICES, PRICES, RATES, st.integers(0, 10**9), st.booleans(), st.integers(-1, 10**6))
def test_every_rule_says_in_machine_code_what_it_says_on_the_desk(side, one, two, three, four, rate, lots, yes, some):
    high, low = max(one, two, three), min(one, two, three)
    calls: list[tuple[Callable[..., int], tuple[int, ...]]] = [
        (exits.stop_touched, (side, four, one, high, low)),
        (exits.target_reached, (side, four, high, low)),
        (exits.part_of, (lots, rate)),
        (exits.break_even_stop, (side, one, rate)),
        (exits.stop_after_close, (side, one, two, yes, three, not yes, some)),
        (matching.maker_filled, (side, four, one, high, low)),
        (matching.limit_filled, (side, four, one, high, low)),
        (costs.fee, (one * 1_000, rate)),
        (costs.taking_price, (side, one, rate // 2, rate)),
        (funding.payment, (side, one * 10**9, side * rate * 1_000)),
        (margin.liquidation_price, (side, one, 1_000_000 + rate, rate // 2)),
        (margin.stop_is_safe, (side, one, two, three, rate)),
        (margin.not_beyond, (side, one, two)),
        (sizing.chain_ppm, (rate, rate, rate, rate, rate, rate, rate)),
        (sizing.lots_of_share, (one * 10**9, rate, two)),
        (sizing.kelly_ppm, (rate % 500, lots % 500, one * 1_000, two * 1_000, rate)),
        (sizing.anti_martingale_ppm, (some, rate, 1_500_000, rate, 400_000)),
    ]
    if one != two:
        stop = min(one, two) if side > 0 else max(one, two)
        entry = max(one, two) if side > 0 else min(one, two)
        calls.append((exits.r_ppm, (side, entry, stop, three)))
        calls.append((exits.reached, (side, entry, stop, three, 0, 0, some)))
    for rule, arguments in calls:
        assert compiled(rule)(*arguments) == rule(*arguments), rule.__name__


def test_an_assertion_of_a_rule_holds_in_machine_code_too() -> None:
    with pytest.raises(AssertionError, match="losing side"):
        compiled(exits.r_ppm)(1, 100, 100, 100)


def test_machine_code_is_read_from_the_cache_and_made_anew_for_changed_rules(tmp_path: Path) -> None:
    folder = str(tmp_path / "machine")
    assert told(folder) == "500000 0"
    assert told(folder) == "500000 1"
    # The same bytes of code with another constant: Numba's own check would not have seen it.
    assert told(folder, "1000") == "500 0"
    assert told(folder) == "500000 0"


def test_a_torn_cache_file_is_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "machine"
    assert told(str(folder)) == "500000 0"
    torn = [path for path in folder.rglob("*") if path.is_file()]
    assert torn
    for path in torn:
        path.write_bytes(path.read_bytes()[:100])
    assert told(str(folder)) == "500000 0"
    assert told(str(folder)) == "500000 1"


def test_a_cache_folder_named_by_the_user_wins(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    told(str(ours), NUMBA_CACHE_DIR=str(theirs))
    assert theirs.is_dir()
    assert not ours.exists()


def test_without_any_place_to_write_functions_are_compiled_all_the_same(tmp_path: Path, monkeypatch) -> None:
    from numba.core import caching

    def nowhere(self: object, function: object) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(caching.FunctionCache, "__init__", nowhere)
    uncached = jit._entry.__wrapped__(costs.round_trip_ppm)  # pyright: ignore[reportFunctionMemberAccess]
    assert uncached(1, 2, 3) == 6


def test_the_edition_follows_code_constants_and_callees(monkeypatch) -> None:
    before = edition(kernel.run)
    assert edition(kernel.run) == before
    monkeypatch.setattr(ticks, "HALF_MARGIN", 5e-6)
    other = edition(kernel.run)
    assert other != before
    monkeypatch.undo()
    monkeypatch.setattr(ticks, "TENS", np.append(ticks.TENS, 1))
    assert edition(kernel.run) not in {before, other}
    monkeypatch.undo()
    monkeypatch.setattr(exits, "tighter", lambda side, stop, candidate: stop)
    assert edition(kernel.run) not in {before, other}
    monkeypatch.undo()
    assert edition(kernel.run) == before


def test_what_cannot_be_compiled_is_said() -> None:
    def named(*, value: int) -> int:
        return value

    with pytest.raises(BadInput, match="keyword-only"):
        compiled(named)


def test_warming_compiles_what_a_run_needs() -> None:
    warm()
    entry = jit._entry(kernel.run)  # pyright: ignore[reportArgumentType]
    assert len(entry.overloads) == 1  # pyright: ignore[reportFunctionMemberAccess]
    assert run is not None


@pytest.mark.parametrize("module", ["quorate.cli.main", "quorate.wiring.house", "quorate.desk.worker"])
def test_who_only_runs_the_desk_never_pays_for_the_compiler(module: str) -> None:
    code = f"import sys, {module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
