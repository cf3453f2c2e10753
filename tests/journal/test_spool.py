"""F17: a venue's word is on disk before anything else happens, and survives whatever cuts it off."""

import resource
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import VenueFill, VenueOrder, VenueStatus
from quorate.domain.votes import Action
from quorate.journal.errors import SpoolUnavailable
from quorate.journal.spool import FileSpool

ORDER = VenueOrder(
    tag="q1",
    venue_id="7",
    pair="BTC/USDT",
    action=Action.BUY,
    kind=OrderKind.STOP,
    quantity=Decimal("0.50"),
    filled=Decimal("0.10"),
    price=Decimal("95.0"),
    status=VenueStatus.OPEN,
    at_ms=1,
)
FILL = VenueFill(
    trade_id="9",
    tag="q1",
    venue_id="7",
    pair="BTC/USDT",
    action=Action.BUY,
    price=Decimal("100.10"),
    quantity=Decimal("0.1"),
    fee=Decimal("0.0001"),
    fee_asset="BTC",
    liquidity=Liquidity.MAKER,
    at_ms=2,
)


def test_f17_what_is_kept_comes_back_in_order_and_to_the_last_digit(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "live" / "spool.jsonl")
    assert spool.kept() == ()
    for report in (ORDER, FILL, ORDER):
        spool.keep(report)
    assert list(FileSpool(spool.path).kept()) == [ORDER, FILL, ORDER]
    assert str(spool.kept()[0]) == str(ORDER), "trailing zeros too"
    spool.clear()
    assert spool.kept() == ()
    assert spool.path.parent.stat().st_mode


@given(cut=st.integers(min_value=1, max_value=400))
def test_f19_a_line_that_a_crash_cut_off_costs_nothing_but_itself(cut: int, tmp_path_factory: object) -> None:
    folder: Path = tmp_path_factory.mktemp("spool")  # pyright: ignore[reportAttributeAccessIssue]
    spool = FileSpool(folder / "spool.jsonl")
    spool.keep(ORDER)
    whole = spool.path.read_bytes()
    spool.keep(FILL)
    body = spool.path.read_bytes()
    spool.path.write_bytes(body[: max(len(whole), len(body) - cut)])
    spool.keep(ORDER)
    found = list(spool.kept())
    assert found[0] == ORDER
    assert found[-1] == ORDER


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_f18_a_disk_that_is_full_is_said_with_its_reason_and_what_to_do() -> None:
    with pytest.raises(SpoolUnavailable, match="no space left on device") as caught:
        FileSpool(FULL).keep(ORDER)
    assert "Nothing is lost" in str(caught.value)


@pytest.mark.parametrize("room", [0, 1, 40, 120])
def test_f18_what_found_no_room_was_not_kept_and_spoils_nothing_that_was(tmp_path: Path, room: int) -> None:
    """A limit on the size of a file is a disk that is full in the midst of a line."""
    spool = FileSpool(tmp_path / "spool.jsonl")
    spool.keep(ORDER)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (spool.path.stat().st_size + room, before[1]))
    try:
        with pytest.raises(SpoolUnavailable, match="Make room"):
            spool.keep(FILL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(spool.kept()) == [ORDER]
    spool.keep(FILL)
    assert list(spool.kept()) == [ORDER, FILL]


def test_f18_a_folder_that_cannot_be_made_is_said_too(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SpoolUnavailable, match="cannot be kept in"):
        FileSpool(tmp_path / "taken" / "spool.jsonl").keep(ORDER)
