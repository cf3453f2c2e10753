"""A decision counts only where the model could not have read about its outcome."""

from datetime import UTC, datetime, timedelta

import pytest

from quorate.council.contamination import contaminated

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("decided", "cutoff", "counts_for_nothing"),
    [
        ("2025-04-29T23:59:59.999", "2025-03-31", True),
        ("2025-04-30T00:00:00", "2025-03-31", False),
        ("2024-01-01T00:00:00", "2025-03-31", True),
        ("2026-01-01T00:00:00", "2025-03-31", False),
        ("2025-04-29T23:59:59", "2025-03", True),
        ("2025-04-30T00:00:00", "2025-03", False),
        ("2024-03-29T23:59:59", "2024-02", True),
        ("2024-03-30T00:00:00", "2024-02", False),
    ],
)
def test_a_decision_before_the_cutoff_and_thirty_days_counts_for_nothing(
    decided: str, cutoff: str, counts_for_nothing: bool
):
    assert contaminated(ms(decided), knowledge_cutoff=cutoff) is counts_for_nothing


@pytest.mark.parametrize("cutoff", [None, "", "spring 2025", "2025-13", "2025-02-30", "2025", "9999-12-31"])
def test_with_a_cutoff_that_is_not_known_nothing_counts(cutoff: str | None):
    assert contaminated(ms("2099-01-01"), knowledge_cutoff=cutoff)
