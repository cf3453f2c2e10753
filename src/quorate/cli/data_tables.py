"""What the verbs of the candle store show: the same facts as rows of a table, for people, and as JSON, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorate.domain.errors import QuorateError
    from quorate.feeds.candles.candle_store import SeriesFacts
    from quorate.feeds.candles.checking import Checked
    from quorate.feeds.candles.downloading import Downloaded
    from quorate.feeds.candles.exporting import Exported
    from quorate.feeds.candles.gaps import Gap
    from quorate.feeds.candles.importing import Imported
    from quorate.feeds.candles.merging import MergeCounts
    from quorate.feeds.candles.resampling import Resampled
    from quorate.feeds.candles.series import Series
    from quorate.feeds.candles.sifting import Reason

LIST_COLUMNS = ("series", "first", "last", "rows", "missing", "gaps", "MB")
GAP_COLUMNS = ("series", "from", "to", "missing")
CHECK_COLUMNS = ("series", "rows", "verdict", "what", "times", "detail")
IMPORT_COLUMNS = ("file", "format", "series", "read", "added", "same", "replaced", "left out", "problem")
DOWNLOAD_COLUMNS = ("series", "asked", "added", "replaced", "left out", "not given", "problem")
EXPORT_COLUMNS = ("series", "file", "rows", "first", "last")
RESAMPLE_COLUMNS = ("series", "made of", "made", "added", "same", "replaced", "incomplete")


def instant(at_ms: int | None) -> str | None:
    """A time for programs: 2025-01-01T00:00:00Z."""
    return None if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def list_json(facts: SeriesFacts) -> dict[str, Any]:
    """One stored series."""
    return {
        **_named(facts.series),
        "first": instant(facts.first_ms),
        "last": instant(facts.last_ms),
        "count": facts.count,
        "missing": facts.missing,
        "gaps": [_gap(gap) for gap in facts.gaps],
        "bytes": facts.size_bytes,
    }


def list_row(facts: SeriesFacts) -> dict[str, Any]:
    """The same for people."""
    return {
        "series": facts.series.label,
        "first": _shown(facts.first_ms),
        "last": _shown(facts.last_ms),
        "rows": f"{facts.count:,}",
        "missing": f"{facts.missing:,}" if facts.missing else "–",
        "gaps": f"{len(facts.gaps):,}" if facts.gaps else "–",
        "MB": f"{facts.size_bytes / 1e6:,.2f}",
    }


def gap_rows(facts: Iterable[SeriesFacts]) -> list[dict[str, Any]]:
    """Every hole of every series, for people."""
    return [
        {"series": one.series.label, "from": _shown(g.start_ms), "to": _shown(g.stop_ms), "missing": f"{g.missing:,}"}
        for one in facts
        for g in one.gaps
    ]


def damage_json(series: Series, error: QuorateError) -> dict[str, Any]:
    """A series that could not be looked at."""
    return {**_named(series), "error": _error(error)}


def check_json(checked: Checked) -> dict[str, Any]:
    """What was found in one series."""
    return {
        **_named(checked.series),
        "first": instant(checked.first_ms),
        "last": instant(checked.last_ms),
        "count": checked.count,
        "verdict": checked.verdict,
        "flaws": [
            {"grade": flaw.grade.value, "name": flaw.name, "count": flaw.count, "detail": flaw.detail}
            for flaw in checked.flaws
        ],
    }


def check_rows(checked: Checked) -> list[dict[str, Any]]:
    """The same for people: one row for each flaw, one for a series without."""
    head = {"series": checked.series.label, "rows": f"{checked.count:,}"}
    rows = [
        {**head, "verdict": f.grade.value, "what": f.name, "times": f"{f.count:,}", "detail": f.detail}
        for f in checked.flaws
    ]
    return rows or [{**head, "verdict": "ok", "what": "", "times": "", "detail": ""}]


def import_json(told: Imported) -> dict[str, Any]:
    """What became of one series of one file."""
    return {
        "file": told.file,
        "format": told.layout.value,
        **(_named(told.series) if told.series else {}),
        "read": told.read,
        **_counts(told.counts),
        "refused": {reason.value: count for reason, count in told.refused},
        "edges": told.edges,
        "first": instant(told.first_ms),
        "last": instant(told.last_ms),
        "error": _error(told.error),
    }


def import_row(told: Imported) -> dict[str, Any]:
    """The same for people."""
    left_out = [*told.refused, *([("at the edges", told.edges)] if told.edges else [])]
    return {
        "file": told.file,
        "format": told.layout.value,
        "series": told.series.label if told.series else "",
        "read": f"{told.read:,}",
        **_counted(told.counts),
        "left out": _reasons(left_out),
        "problem": str(told.error) if told.error else "",
    }


def download_json(told: Downloaded) -> dict[str, Any]:
    """What came of one series."""
    return {
        **_named(told.series),
        "asked": told.asked,
        **_counts(told.counts),
        "refused": {reason.value: count for reason, count in told.refused},
        "missing": told.missing,
        "first_missing": instant(told.first_missing_ms),
        "error": _error(told.error),
    }


def download_row(told: Downloaded) -> dict[str, Any]:
    """The same for people."""
    missing = f"{told.missing:,} from {_shown(told.first_missing_ms)}" if told.missing else "–"
    return {
        "series": told.series.label,
        "asked": f"{told.asked:,}" if told.asked else "–",
        **_counted(told.counts),
        "left out": _reasons(told.refused),
        "not given": missing,
        "problem": str(told.error) if told.error else "",
    }


def export_json(told: Exported) -> dict[str, Any]:
    """One file that was written."""
    ends = {"first": instant(told.first_ms), "last": instant(told.last_ms)}
    return {**_named(told.series), "file": str(told.path), "count": told.count, **ends}


def export_row(told: Exported) -> dict[str, Any]:
    """The same for people."""
    ends = {"first": _shown(told.first_ms), "last": _shown(told.last_ms)}
    return {"series": told.series.label, "file": str(told.path), "rows": f"{told.count:,}", **ends}


def resample_json(told: Resampled) -> dict[str, Any]:
    """One series that was made."""
    made = {"made_of": told.source.timeframe, "made": told.made, "incomplete": told.incomplete}
    return {**_named(told.target), **made, **_counts(told.counts)}


def resample_row(told: Resampled) -> dict[str, Any]:
    """The same for people."""
    return {
        "series": told.target.label,
        "made of": told.source.timeframe,
        "made": f"{told.made:,}",
        **_counted(told.counts),
        "incomplete": f"{told.incomplete:,}" if told.incomplete else "–",
    }


def _named(series: Series) -> dict[str, Any]:
    named = {"exchange": series.exchange, "kind": series.kind.value, "pair": series.pair}
    return {**named, "timeframe": series.timeframe or None}


def _counts(counts: MergeCounts) -> dict[str, int]:
    return {"added": counts.added, "same": counts.same, "replaced": counts.replaced}


def _counted(counts: MergeCounts) -> dict[str, str]:
    return {name: f"{count:,}" if count else "–" for name, count in _counts(counts).items()}


def _reasons(refused: Sequence[tuple[Reason | str, int]]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in refused) or "–"


def _gap(gap: Gap) -> dict[str, Any]:
    return {"start": instant(gap.start_ms), "stop": instant(gap.stop_ms), "missing": gap.missing}


def _error(error: QuorateError | None) -> dict[str, str] | None:
    return None if error is None else {"code": error.code, "message": error.message, "hint": error.hint}


def _shown(at_ms: int | None) -> str:
    return "" if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"
