"""Versions of the optimizer's configuration as readers find them, and in the final state hash."""

from dataclasses import replace
from decimal import Decimal as D

import msgspec

from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.domain.optimization import Optimization
from quorate.domain.votes import Regime
from quorate.journal.final_state import state_hash
from quorate.store.readers import optimizations
from tests.journal.conftest import drafts
from tests.journal.samples import optimized


async def test_versions_come_newest_first_whole_and_of_one_account(journal, writer, pool):
    assert await optimizations.newest(pool, "paper") is None
    assert await optimizations.newest_account(pool) is None
    await journal.append(drafts(*(optimized(number) for number in range(1, 60))), writer=writer)
    assert [row.version for row in await optimizations.history(pool, "paper", 3)] == [59, 58, 57]
    assert len(await optimizations.history(pool, "paper", 1_000)) == optimizations.HISTORY_MAX
    assert await optimizations.history(pool, "other") == []
    row = await optimizations.newest(pool, "paper")
    assert row is not None
    assert (row.version, row.by, row.epoch, row.seq, row.at.year) == (59, "optimizer", 1, 59, 2025)
    assert msgspec.json.decode(row.body, type=Optimization) == optimized(59).config
    assert await optimizations.newest_account(pool) == "paper"


async def test_the_final_state_hash_holds_the_optimizer_s_configuration(pool):
    state = DeskState("paper")
    hashes = [await state_hash(pool, state)]
    evolve(state, optimized())
    hashes.append(await state_hash(pool, state))
    assert await state_hash(pool, state) == hashes[-1]
    for changes in ({"blocked_regimes": (Regime.CHOPPY,)}, {"base_factors": (("aggressive", D("1.2")),)}):
        state.optimization = replace(optimized().config, **changes)
        hashes.append(await state_hash(pool, state))
    state.weights["trend"] = D(2)
    hashes.append(await state_hash(pool, state))
    assert len(set(hashes)) == len(hashes)
