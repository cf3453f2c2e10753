"""Texts by strangers: made fit to be shown, each once, and never before their time."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.feeds.context.items import ItemShelf, RawItem, clean, clean_url, merged
from quorate.feeds.context.sentiment import HeadlineSentiment
from tests.feeds.context.conftest import NOW_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def raw(title: str, at_ms: int = NOW_MS, **told: str) -> RawItem:
    return RawItem(title=title, published_ms=at_ms, **told)


@pytest.fixture
def shelf(sentiment: HeadlineSentiment) -> ItemShelf:
    return ItemShelf("news", "Outlet", sentiment)


@given(text=st.text(max_size=600), chars_max=st.integers(1, 300))
def test_a_clean_text_is_one_short_line_without_invisible_characters(text: str, chars_max: int):
    line = clean(text, chars_max)
    assert len(line) <= chars_max
    assert not any(unicodedata.category(sign)[0] == "C" for sign in line)
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("<p>Bitcoin <b>rises</b></p>", "Bitcoin rises"),
        ("Ether &amp; friends &#8212; up", "Ether & friends — up"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("line\r\n\tnext\u2028third", "line next third"),
        ("\u202eright to left\u202c\u200b\ufeff", "right to left"),
        ("hidden\U000e0049\U000e0067 tag", "hidden tag"),
        ("Ｉｇｎｏｒｅ", "Ignore"),  # noqa: RUF001  what looks like another letter is the test
        ("", ""),
        ("<" * 10_000, "<" * 9 + "…"),
    ],
)
def test_markup_control_and_lookalike_characters_go(told: str, shown: str):
    assert clean(told, 10 if told.startswith("<<") else 200) == shown


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://example.org/a?b=1", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://user:secret@example.org/", False),
        ("https://example.org/\"onload='x'", False),
        ("https://example.org/" + "a" * 600, False),
        ("https://[broken", False),
        ("//example.org", False),
        ("https://exämple.org", False),
    ],
)
def test_only_plain_addresses_of_the_web_stay(told: str, kept: bool):
    assert clean_url(told) == (told if kept else "")


def test_an_item_is_known_from_when_it_was_seen_though_it_was_published_before(shelf: ItemShelf):
    shelf.take([raw("Bitcoin rises", NOW_MS - HOUR_MS)], NOW_MS)
    assert shelf.at(NOW_MS - 1, span_ms=DAY_MS, items_max=9) == []
    (item,) = shelf.at(NOW_MS, span_ms=DAY_MS, items_max=9)
    assert (item.published_ms, item.known_ms) == (NOW_MS - HOUR_MS, NOW_MS)


def test_an_item_dated_in_the_future_is_dated_when_it_was_seen(shelf: ItemShelf):
    shelf.take([raw("From tomorrow", NOW_MS + DAY_MS)], NOW_MS)
    (item,) = shelf.at(NOW_MS, span_ms=DAY_MS, items_max=9)
    assert item.published_ms == NOW_MS


def test_a_repeated_title_or_address_is_one_item_however_it_is_spelt(shelf: ItemShelf):
    shelf.take([raw("Bitcoin rises!", url="https://a.org/x?utm=1")], NOW_MS)
    shelf.take([raw("BITCOIN  rises"), raw("Changed title", url="https://a.org/x/#top")], NOW_MS + 1)
    assert len(shelf) == 1


def test_a_column_that_returns_is_a_new_item(shelf: ItemShelf):
    shelf.take([raw("Weekly recap", NOW_MS - 8 * DAY_MS), raw("Weekly recap", NOW_MS)], None)
    assert len(shelf) == 2


def test_a_feed_that_keeps_showing_an_old_item_does_not_make_it_new(shelf: ItemShelf):
    for day in range(30):
        shelf.take([raw("Old news", NOW_MS)], NOW_MS + day * DAY_MS)
    assert len(shelf) == 1


def test_a_flood_pushes_out_its_own_items_only(sentiment: HeadlineSentiment):
    shelf = ItemShelf("social", "Flood", sentiment, items_max=50)
    for wave in range(5):
        shelf.take([raw(f"spam {wave} {number}") for number in range(100)], NOW_MS + wave)
    assert len(shelf) == 50
    quiet = ItemShelf("social", "Quiet", sentiment)
    quiet.take([raw("One post", NOW_MS - HOUR_MS)], NOW_MS)
    found = [each.at(NOW_MS + 9, span_ms=DAY_MS, items_max=12) for each in (shelf, quiet)]
    assert "One post" in [item.title for item in merged(found, items_max=40)]


def test_of_two_outlets_with_one_headline_the_first_is_named(sentiment: HeadlineSentiment):
    first, second = ItemShelf("news", "First", sentiment), ItemShelf("news", "Second", sentiment)
    first.take([raw("Ether upgrade goes live")], NOW_MS)
    second.take([raw("Ether Upgrade Goes Live")], NOW_MS + 1)
    found = [each.at(NOW_MS + 1, span_ms=DAY_MS, items_max=9) for each in (second, first)]
    assert [item.source for item in merged(found, items_max=9)] == ["First"]


@given(
    stamps=st.lists(st.integers(0, 2_000), max_size=40),
    at_ms=st.integers(0, 2_500),
    span_ms=st.integers(0, 2_500),
    delay_ms=st.sampled_from([None, 0, 300]),
)
def test_no_item_is_ever_shown_before_it_was_known(
    sentiment: HeadlineSentiment, stamps: list[int], at_ms: int, span_ms: int, delay_ms: int | None
):
    shelf = ItemShelf("news", "Outlet", sentiment)
    for number, stamp in enumerate(stamps):
        shelf.take([raw(f"headline {number}", stamp)], None if delay_ms is None else stamp + delay_ms)
    shown = {item.title for item in shelf.at(at_ms, span_ms=span_ms, items_max=100)}
    known = {
        f"headline {number}"
        for number, stamp in enumerate(stamps)
        if stamp + (delay_ms or 0) <= at_ms and at_ms - stamp <= span_ms
    }
    assert shown == known
