"""What sweeps and walk-forwards show: rows of tables for people, and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isinf
from typing import TYPE_CHECKING, Any

import numpy as np

from quorate.cli.data_tables import instant
from quorate.research.sweep_page import HEAD, figure_cells, luck_rows, point_text
from quorate.research.trials import figures_json
from quorate.research.walk_page import walk_rows

if TYPE_CHECKING:
    from quorate.research.figures import Figures
    from quorate.research.materials import Materials
    from quorate.research.sweep import SweepResult
    from quorate.research.trials import Trial
    from quorate.research.walk_forward import Step, WalkResult
    from quorate.research.windows import Window

WALK_COLUMNS = ("window", "applied", "chosen", "R promised", "R applied", "return", "trades", "beat")


def sweep_columns(result: SweepResult) -> tuple[str, ...]:
    """Columns of the table of points."""
    return ("rank", *result.sweep.choice.space.names, *(name.lower() for name in HEAD))


def sweep_rows(result: SweepResult, top: int) -> list[dict[str, Any]]:
    """The best points as rows."""
    rows: list[dict[str, Any]] = []
    for place, trial in enumerate(result.trials[:top], start=1):
        if trial.figures is not None:
            names = (name.lower() for name in HEAD)
            rows.append({"rank": place, **trial.point, **dict(zip(names, figure_cells(trial.figures), strict=True))})
    return rows


def sweep_facts(result: SweepResult) -> dict[str, Any]:
    """What is to be thought of the best point, and what was assumed."""
    failed = {point_text(trial.point): trial.fault or "" for trial in result.failed[:5]}
    return {
        "Verdict": result.verdict,
        **({} if result.best is None else {"Best": point_text(result.best.point)}),
        **dict(luck_rows(result)),
        **({} if result.look_ahead is None else {"Look-ahead": result.look_ahead.sentence}),
        "Points": _points(len(result.trials), result.recalled, len(result.failed)),
        **{f"Failed at {point}": why for point, why in failed.items()},
        **_assumed(result.costs, result.estimated, result.sweep.materials),
    }


def sweep_json(result: SweepResult, top: int) -> dict[str, Any]:
    """Everything as one object."""
    sweep, choice = result.sweep, result.sweep.choice
    luck, cross = result.deflated, result.overfitting
    return {
        "strategy": sweep.strategy.name,
        "pairs": list(sweep.materials.pairs),
        "timeframe": sweep.materials.timeframe,
        "start": instant(sweep.materials.start_ms),
        "end": instant(sweep.materials.end_ms),
        "objective": choice.objective,
        "min_trades": choice.min_trades,
        "method": choice.method,
        "seed": choice.seed,
        "complete": result.complete,
        "points_total": result.total,
        "points_done": len(result.trials),
        "points_recalled": result.recalled,
        "points_failed": len(result.failed),
        "verdict": result.verdict,
        "luck": {
            "tries": result.tried,
            "deflated_sharpe": None if luck is None else _number(luck.probability),
            "probability_of_luck": None if luck is None else _number(luck.luck),
            "daily_sharpe": None if luck is None else luck.sharpe,
            "expected_best_daily_sharpe": None if luck is None else luck.expected_best,
            "probability_of_overfitting": None if cross is None else cross.probability,
            "probability_of_loss": None if cross is None else cross.loss,
            "splits": None if cross is None else cross.splits,
        },
        "best": None if result.best is None else _trial_json(result.best),
        "points": [_trial_json(trial) for trial in result.trials[:top]],
        "look_ahead": None if result.look_ahead is None else result.look_ahead.verdict,
        "costs": dict(result.costs),
        "conventions": dict(result.conventions),
        "estimated": list(result.estimated),
        "notes": list(sweep.materials.notes),
    }


def walk_table(result: WalkResult) -> list[dict[str, Any]]:
    """The windows as rows."""
    return [_walk_row(place, step) for place, step in enumerate(result.steps, start=1)]


def walk_facts(result: WalkResult) -> dict[str, Any]:
    """What is to be thought of it, and what was assumed."""
    stitched = ", ".join(
        f"{name.lower()} {cell}" for name, cell in zip(HEAD, figure_cells(result.stitched), strict=True)
    )
    moved = {
        f"Choice of {one.name}": f"{one.different} different, mean step {one.moved:.0%} of its range"
        for one in result.stability
        if isfinite(one.moved)
    }
    return {
        "Verdict": result.verdict,
        "Stitched": stitched,
        **dict(walk_rows(result)),
        **moved,
        **({} if result.look_ahead is None else {"Look-ahead": result.look_ahead.sentence}),
        "Points": _points(result.total, result.recalled, len(result.failed)),
        **{f"Failed at {point}": why for point, why in list(result.failed.items())[:5]},
        **_assumed(result.costs, result.estimated, result.walk.materials),
    }


def walk_json(result: WalkResult) -> dict[str, Any]:
    """Everything as one object."""
    walk = result.walk
    return {
        "strategy": walk.strategy.name,
        "pairs": list(walk.materials.pairs),
        "timeframe": walk.materials.timeframe,
        "objective": walk.choice.objective,
        "min_trades": walk.choice.min_trades,
        "seed": walk.choice.seed,
        "points_total": result.total,
        "points_recalled": result.recalled,
        "points_failed": len(result.failed),
        "verdict": result.verdict,
        "tries": result.tried,
        "stitched": figures_json(result.stitched),
        "efficiency": _number(result.efficiency),
        "random": {
            "choosers": len(result.random),
            "quantiles": {
                str(percent): float(np.quantile(result.random, percent / 100)) for percent in (5, 25, 50, 75, 95)
            }
            if len(result.random)
            else {},
            "own": _number(result.chained),
            "percentile": _number(result.percentile),
        },
        "probabilistic_sharpe": None if result.sharpe is None else _number(result.sharpe.probability),
        "stability": [
            {"name": one.name, "values": list(one.values), "different": one.different, "moved": _number(one.moved)}
            for one in result.stability
        ],
        "windows": [_step_json(step) for step in result.steps],
        "look_ahead": None if result.look_ahead is None else result.look_ahead.verdict,
        "costs": dict(result.costs),
        "conventions": dict(result.conventions),
        "estimated": list(result.estimated),
        "notes": list(walk.materials.notes),
    }


def _walk_row(place: int, step: Step) -> dict[str, Any]:
    def cell(figures: Figures | None, at: int) -> str:
        return "–" if figures is None else figure_cells(figures)[at]

    outside = step.window.outside
    return {
        "window": place,
        "applied": f"{(instant(outside.start_ms) or '')[:10]} to {(instant(outside.end_ms - 1) or '')[:10]}",
        "chosen": "nothing: too few trades" if step.point is None else point_text(step.point),
        "R promised": cell(step.inside, 2),
        "R applied": cell(step.outside, 2),
        "return": cell(step.outside, 4),
        "trades": cell(step.outside, 0),
        "beat": f"{step.rank:.0%}" if isfinite(step.rank) else "–",
    }


def _trial_json(trial: Trial) -> dict[str, Any]:
    figures = None if trial.figures is None else figures_json(trial.figures)
    return {"point": dict(trial.point), "figures": figures, "fault": trial.fault}


def _step_json(step: Step) -> dict[str, Any]:
    return {
        **_window_json(step.window),
        "point": None if step.point is None else dict(step.point),
        "inside": None if step.inside is None else figures_json(step.inside),
        "outside": None if step.outside is None else figures_json(step.outside),
        "rank": _number(step.rank),
    }


def _window_json(window: Window) -> dict[str, Any]:
    return {
        "chosen_from": instant(window.inside.start_ms),
        "chosen_until": instant(window.inside.end_ms),
        "applied_from": instant(window.outside.start_ms),
        "applied_until": instant(window.outside.end_ms),
    }


def _points(done: int, recalled: int, failed: int) -> str:
    return f"{done:,}, of these {recalled:,} were known already and {failed:,} failed"


def _assumed(costs: Mapping[str, str], estimated: tuple[str, ...], materials: Materials) -> dict[str, str]:
    notes = {"Note": " ".join(materials.notes)} if materials.notes else {}
    return {**{name.capitalize(): told for name, told in costs.items()}, "Estimated": ", ".join(estimated), **notes}


def _number(value: float) -> float | str | None:
    return "inf" if isinf(value) else value if isfinite(value) else None
