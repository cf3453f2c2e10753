"""The sentiment baseline: measured on headlines it was not made from, and honest about what it is."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.feeds.context.sentiment import METHOD, HeadlineSentiment, read_lexicon

HERE = Path(__file__).parent
TEST_ACCURACY_MIN = 0.80
"""Measured: 0.88; always saying the commonest tone is right in a third of these."""


def labelled(name: str) -> list[tuple[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return [(row["headline"], row["label"]) for row in csv.DictReader(file)]


def accuracy(sentiment: HeadlineSentiment, rows: list[tuple[str, str]]) -> float:
    return sum(sentiment.of(headline).tone == label for headline, label in rows) / len(rows)


def test_the_two_sets_share_no_headline():
    train, test = labelled("headlines_train.csv"), labelled("headlines_test.csv")
    assert len(train) + len(test) >= 120
    assert not {headline.casefold() for headline, _ in train} & {headline.casefold() for headline, _ in test}


def test_it_beats_always_saying_the_same_on_headlines_it_was_not_made_from(sentiment: HeadlineSentiment):
    rows = labelled("headlines_test.csv")
    majority = Counter(label for _, label in rows).most_common(1)[0][1] / len(rows)
    found = accuracy(sentiment, rows)
    assert found >= TEST_ACCURACY_MIN > majority


@pytest.mark.parametrize(
    ("headline", "tone"),
    [
        ("BTC crashes below 60k", "negative"),
        ("Bitcoin sell-off deepens", "negative"),
        ("Ether soars to all-time high", "positive"),
        ("SEC drops lawsuit against exchange", "positive"),
        ("Price Analysis 7/5: BTC, ETH, BNB", "neutral"),
        ("", "neutral"),
        ("\u2014 ... !!!", "neutral"),
    ],
)
def test_turns_of_phrase_of_the_trade_are_understood(sentiment: HeadlineSentiment, headline: str, tone: str):
    assert sentiment.of(headline).tone == tone


@given(text=st.text(max_size=2_000))
def test_any_text_has_a_score_between_the_bounds_and_always_the_same(sentiment: HeadlineSentiment, text: str):
    found = sentiment.of(text)
    assert Decimal(-1) <= found.score <= Decimal(1)
    assert sentiment.of(text) == found


def test_no_term_has_two_valences():
    with pytest.raises(AssertionError):
        read_lexicon("1.0 moon\n-1.0 moon")


def test_it_calls_itself_a_baseline():
    assert "baseline" in METHOD
