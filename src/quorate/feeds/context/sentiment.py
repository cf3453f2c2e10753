"""How a headline sounds: a word list over VADER's rules, offline. A baseline, and called one wherever it is shown.

It counts words and knows a few turns of phrase; it understands nothing. How often it agrees with a person, against
always saying the same, is in docs/context.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any, Literal, cast

from vaderSentiment import vaderSentiment

Tone = Literal["positive", "negative", "neutral"]
METHOD = "word list (baseline)"
"""What to call a score in front of people and models."""
NEUTRAL_BELOW = 0.18
"""A compound score nearer to zero than this is neutral."""
SCORED_CHARS_MAX = 400
PLACES = Decimal("0.01")
SPACES = re.compile(r"[\s\-\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Sentiment:
    """A score from -1 (bad for prices) to 1 (good), and its tone."""

    score: Decimal
    tone: Tone


class HeadlineSentiment:
    """Scores one text at a time; the same text always scores the same. Make one with `open`."""

    def __init__(self, polarity: Callable[[str], Mapping[str, float]], phrases: Mapping[str, str]) -> None:
        self._polarity = polarity
        self._phrases = phrases
        longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
        self._phrase = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    @classmethod
    def open(cls) -> HeadlineSentiment:
        """Read both word lists. Takes some tens of milliseconds."""
        analyzer = cast("Any", vaderSentiment).SentimentIntensityAnalyzer()
        words = read_lexicon(resources.files("quorate.feeds.context").joinpath("crypto_lexicon.txt").read_text("utf-8"))
        analyzer.lexicon.update(words)
        return cls(analyzer.polarity_scores, {term.replace("_", " "): term for term in words if "_" in term})

    def of(self, text: str) -> Sentiment:
        """The sentiment of the beginning of `text`."""
        plain = SPACES.sub(" ", text[:SCORED_CHARS_MAX].lower())
        compound = self._polarity(self._phrase.sub(lambda found: self._phrases[found.group()], plain))["compound"]
        tone: Tone = "neutral"
        if abs(compound) >= NEUTRAL_BELOW:
            tone = "positive" if compound > 0 else "negative"
        return Sentiment(Decimal(str(compound)).quantize(PLACES), tone)


def read_lexicon(text: str) -> dict[str, float]:
    """Term -> valence from lines of "valence term term ..."; lines that begin with # are remarks."""
    words: dict[str, float] = {}
    for line in text.splitlines():
        valence, *terms = line.split()
        if valence != "#":
            for term in terms:
                assert term not in words, f"{term} has two valences"
                words[term] = float(valence)
    return words
