"""One prompt for all models of a class: the same bytes, in bounds, shortened by a written rule."""

import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.prompt import COMPACT, FRAME_TOKENS, FULL, Composed, PromptTooLarge, build, compose
from quorate.analysts.prompt_inputs import (
    COLUMNS,
    Background,
    Figure,
    PromptInputs,
    TextKind,
    TrackRow,
)
from quorate.analysts.prompt_text import count_tokens
from quorate.domain.minds import MindRequest
from quorate.domain.portfolio import Position
from quorate.domain.votes import ExitPlan, Side, Target
from tests.analysts.prompting import AT_MS, coin, inputs, many, news

D = Decimal
HELD = Position(
    portfolio="aggressive",
    pair="BTC/USDT",
    side=Side.SHORT,
    signal_id="s",
    source="council",
    quantity=D(1),
    opened_quantity=D(1),
    entry=D(102),
    initial_stop=D(104),
    stop=D(103),
    plan=ExitPlan(D(104), (Target(D(98), D(1)),)),
    targets_hit=0,
    trailing=False,
    realized=D(0),
    fees=D(0),
    opened_ms=AT_MS - 5_400_000,
)


def crowd(*, texts: int = 30, lessons: int = 20) -> Background:
    """A day with much to tell."""
    words = [
        news(f"{kind} number {place} says something", kind=kind, age_h=place + 1)
        for kind in (TextKind.NEWS, TextKind.SOCIAL, TextKind.COMMUNITY)
        for place in range(texts)
    ]
    words += [news(f"lesson {place}", kind=TextKind.LESSON, age_h=place + 1) for place in range(lessons)]
    return Background(quotes=tuple(words), positions=(HELD,), track=(TrackRow(analyst="claude", trades=3),))


def tokens(request: MindRequest) -> int:
    return sum(count_tokens(text) for text in (request.system, request.prompt, request.schema)) + FRAME_TOKENS


def full(given: PromptInputs, *, tokens_max: int = FULL.tokens_max) -> Composed:
    return compose(given, FULL, tokens_max=tokens_max)


def test_the_same_inputs_are_the_same_bytes_and_the_digest_is_over_all_of_them():
    first = build(inputs(*many(5), background=crowd()), tokens_max=FULL.tokens_max)
    again = build(inputs(*many(5), background=crowd()), tokens_max=FULL.tokens_max)
    assert first == again
    fields = {"prompt": first.prompt, "schema": first.schema, "system": first.system, "template": first.template}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert first.digest == sha256(canonical.encode()).hexdigest()
    later = build(replace(inputs(*many(5), background=crowd()), at_ms=AT_MS + 1_000), tokens_max=FULL.tokens_max)
    assert later.digest != first.digest


def test_more_room_than_the_class_has_changes_nothing():
    given = inputs(*many(80), background=crowd())
    assert build(given, tokens_max=FULL.tokens_max) == build(given, tokens_max=1_000_000)
    assert build(given, tokens_max=COMPACT.tokens_max) == build(given, tokens_max=COMPACT.tokens_max + 20_000)


def test_everything_the_council_is_promised_stands_in_the_full_prompt():
    track = TrackRow(
        analyst="claude",
        trades=120,
        win_rate=D("0.525"),
        average_r=D("0.1249"),
        confidence=D("0.61"),
        brier=D("0.2412"),
    )
    figures = (Figure(name="fear and greed", value=D(71), unit="of 100", at_ms=AT_MS - 7_200_000),)
    background = Background(positions=(HELD,), track=(track,), figures=figures, quotes=(news("ETF approved"),))
    lines = full(inputs(background=background)).request.prompt.splitlines()
    for line in (
        "as_of: 2025-01-01T00:00:00Z",
        "reward / risk: at least 1.2",
        "entry: within 2 percent of the pair's price",
        "regime NEUTRAL: breadth is not known yet.",
        "btc dominance change 24h: 0.25 percentage points",
        "fear and greed: 71 of 100, 2.0 h old",
        "aggressive,BTC/USDT,SHORT,102,103,98,1.5,1",
        "claude,120,52,0.12,61,0.241",
        "BTC/USDT,100,NEUTRAL,0.01,1M",
        "BTC/USDT,0.0,1.0,2.0,3.0,4.0,5,6,7,8.00,9,10,11,12.00,13.0,14,15,16.0",
        '- 1.0 h ago, wire: "ETF approved"',
    ):
        assert line in lines
    for timeframe in ("1h", "4h", "1d"):
        assert f"# Indicators {timeframe}" in lines
    assert lines.count(f"pair,{','.join(column.heading for column in COLUMNS)}") == 3


def test_what_is_not_known_is_said_to_be_not_known():
    bare = coin(funding=None, readings={"1h": (None,) * len(COLUMNS)})
    prompt = full(inputs(bare, dominance_change=None)).request.prompt
    assert "btc dominance change 24h: not known" in prompt
    assert "funding: not known" in prompt
    assert f"BTC/USDT{',-' * len(COLUMNS)}" in prompt
    assert prompt.count("BTC/USDT,no bars") == 2
    assert "none yet" in prompt


def test_no_negative_zero_and_no_exponent_is_ever_shown():
    tiny = coin(price="0.00000123", funding=D("-0.0000001"), readings={"1h": (-0.01,) * len(COLUMNS)}, turnover=12.0)
    prompt = full(inputs(tiny)).request.prompt
    assert "BTC/USDT,0.00000123,NEUTRAL,0,12" in prompt
    assert "BTC/USDT,0.0,0.0,0.0,0.0,0.0,0,0,0,-0.01,0,0,0,-0.01,0.0,0,0,0.0" in prompt


def test_a_text_of_the_future_is_not_shown():
    quotes = (news("tomorrow it crashed", age_h=-0.001), news("yesterday", age_h=24))
    prompt = full(inputs(background=Background(quotes=quotes))).request.prompt
    assert "tomorrow" not in prompt
    assert "yesterday" in prompt


def test_the_newest_texts_come_first_each_once_and_no_kind_washes_the_others_away():
    spam = [news(f"moon {place}", kind=TextKind.SOCIAL, age_h=0.01 * place) for place in range(500)]
    quotes = (*spam, news("twice", age_h=2), news("twice", age_h=3, source="copy"), news("old", age_h=40))
    prompt = full(inputs(background=Background(quotes=quotes))).request.prompt
    assert prompt.count("twice") == 1
    assert prompt.index("moon 0") < prompt.index("moon 1")
    assert "old" in prompt
    assert prompt.count('"moon') == FULL.quotes_max


def test_a_flood_of_one_text_is_not_read_to_its_end():
    flood = [news("moon", kind=TextKind.SOCIAL, age_h=0.001 * place) for place in range(2_000)]
    quotes = (*flood, news("beyond the flood", kind=TextKind.SOCIAL, age_h=40), news("real news", age_h=40))
    prompt = full(inputs(background=Background(quotes=quotes))).request.prompt
    assert prompt.count("moon") == 1
    assert "beyond the flood" not in prompt
    assert "real news" in prompt


def section(prompt: str, title: str) -> str:
    """What stands under a title."""
    return prompt.split(f"# {title}\n")[1].split("\n#", maxsplit=1)[0]


def shown(composed: Composed) -> dict[str, int]:
    """How much of each thing a prompt shows."""
    prompt = composed.request.prompt
    return {
        "texts": sum(prompt.count(f"{kind} number") for kind in ("news", "social", "community")),
        "lessons": prompt.count('"lesson '),
        "rows": sum(section(prompt, f"Indicators {timeframe}").count("\nC") for timeframe in ("4h", "1d")),
        "coins": len(composed.pairs),
    }


def test_what_does_not_fit_goes_in_the_written_order():
    given = inputs(*many(30), background=crowd())
    steps = [shown(full(given, tokens_max=limit)) for limit in range(14_000, 2_900, -150)]
    order = ("texts", "lessons", "rows", "coins")
    assert steps[0] == {"texts": 60, "lessons": 20, "rows": 60, "coins": 30}
    for earlier, later in pairwise(steps):
        assert all(later[what] <= earlier[what] for what in order)
    for step in steps:
        for place, what in enumerate(order[1:], 1):
            if step[what] < steps[0][what]:
                assert all(step[before] == 0 for before in order[:place])
    assert steps[-1]["coins"] < 30


def test_the_smallest_coins_lose_their_rows_first():
    composed = full(inputs(*many(30), background=crowd(texts=0, lessons=0)), tokens_max=7_000)
    prompt = composed.request.prompt
    hours, four, day = (section(prompt, f"Indicators {timeframe}") for timeframe in ("1h", "4h", "1d"))
    assert hours.count("\nC") == 30
    kept = four.count("\nC")
    assert 0 < kept < 30
    assert f"C{kept - 1:03d}/USDT" in four
    assert f"C{kept:03d}/USDT" not in four
    assert day.count("\nC") == kept
    assert composed.left_out == {"coins": 0, "rows": 2 * (30 - kept), "lessons": 0, "texts": 0}
    assert f"Left out for size: 0 coins, {2 * (30 - kept)} rows, 0 lessons, 0 texts." in prompt


def test_rules_schema_positions_and_records_are_never_left_out():
    smallest = full(inputs(*many(30), background=crowd()), tokens_max=2_900).request
    assert "aggressive,BTC/USDT,SHORT" in smallest.prompt
    assert "claude,3,-,-,-,-" in smallest.prompt
    assert smallest.system == full(inputs()).request.system
    with pytest.raises(PromptTooLarge, match="before its first coin"):
        full(inputs(*many(30), background=crowd()), tokens_max=1_500)


@given(tokens_max=st.integers(2_900, 60_000), coins=st.integers(0, 40), texts=st.integers(0, 30))
def test_no_prompt_is_larger_than_its_limit(tokens_max: int, coins: int, texts: int):
    composed = full(inputs(*many(coins), background=crowd(texts=texts)), tokens_max=tokens_max)
    assert tokens(composed.request) <= composed.tokens <= tokens_max


def test_the_compact_class_is_the_same_question_in_less():
    given = inputs(*many(80), background=crowd())
    composed = compose(given, COMPACT, tokens_max=COMPACT.tokens_max)
    assert tokens(composed.request) <= COMPACT.tokens_max
    assert composed.request.template == "compact-1"
    assert composed.request.system == full(given).request.system
    assert composed.request.schema == full(given).request.schema
    assert composed.pairs == {f"C{place:03d}/USDT" for place in range(COMPACT.coins_max)}
    assert "# Indicators 4h" not in composed.request.prompt
    assert "lesson 0" in composed.request.prompt
    assert "news number 0" in composed.request.prompt


def test_a_desk_full_of_positions_leaves_the_compact_class_room_for_coins():
    held = tuple(
        replace(HELD, pair=f"C{place:03d}/USDT", portfolio=portfolio, entry=D("0.0001234567"))
        for place in range(60)
        for portfolio in ("aggressive", "conservative", "strategies")
    )
    track = tuple(TrackRow(analyst=f"analyst-{place}", trades=100, brier=D("0.241")) for place in range(12))
    given = inputs(*many(80), background=replace(crowd(), positions=held, track=track))
    composed = compose(given, COMPACT, tokens_max=COMPACT.tokens_max)
    assert composed.request.prompt.count(",SHORT,") == 60
    assert len(composed.pairs) >= 8


def test_more_positions_than_are_shown_are_counted():
    prompt = full(inputs(background=Background(positions=(HELD,) * 75))).request.prompt
    assert prompt.count("aggressive,BTC/USDT") == 60
    assert "and 15 more" in prompt


def test_eighty_coins_and_a_busy_day_fit_the_full_class_whole():
    composed = full(inputs(*many(80), background=crowd(texts=FULL.quotes_max)))
    assert composed.left_out == {"coins": 0, "rows": 0, "lessons": 0, "texts": 0}


def test_with_nothing_to_vote_on_there_is_still_a_prompt():
    assert full(replace(inputs(), coins=())).pairs == frozenset()
