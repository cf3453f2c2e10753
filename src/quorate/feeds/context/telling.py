"""How a view is told to the panel: its texts as quotes, its numbers as figures, each with the instant it is of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from quorate.analysts.prompt_inputs import Figure, Quote, TextKind
from quorate.feeds.context.items import Item
from quorate.feeds.context.parts import ContextView
from quorate.feeds.context.sentiment import METHOD

PLACES = Decimal("0.01")


def quotes_of(view: ContextView) -> tuple[Quote, ...]:
    """Every text of the view, newest first within its kind, with the tone that the baseline hears in it.

    Texts are still untrusted: the prompt fences them.
    """
    texts = view.texts
    return tuple(
        Quote(
            kind=TextKind(item.kind),
            source=item.source,
            at_ms=item.published_ms,
            text=f"[tone {item.sentiment.score}] {item.title}",
        )
        for item in (*texts.news, *texts.social, *texts.community)
    )


def figures_of(view: ContextView) -> tuple[Figure, ...]:
    """The numbers about the whole market that are known; a tone is named as what it is, a baseline."""
    figures: list[Figure] = []
    dominance, mood = view.figures.dominance, view.figures.fear_greed
    if dominance is not None:
        at_ms = view.at_ms - dominance.age_ms
        figures.append(Figure(name="BTC dominance", value=dominance.percent.quantize(PLACES), unit="%", at_ms=at_ms))
    if mood is not None:
        at_ms = view.at_ms - mood.age_ms
        figures.append(Figure(name="Fear & Greed", value=Decimal(mood.value.value), unit="of 100", at_ms=at_ms))
    texts = view.texts
    for kind, items in (("news", texts.news), ("social", texts.social), ("community", texts.community)):
        if items:
            figures.append(_tone(kind, items))
    return tuple(figures)


def _tone(kind: str, items: Sequence[Item]) -> Figure:
    mean = sum((item.sentiment.score for item in items), Decimal(0)) / len(items)
    newest_ms = max(item.published_ms for item in items)
    name = f"{kind} tone by {METHOD}, mean of {len(items)}"
    return Figure(name=name, value=mean.quantize(PLACES), unit="-1 to 1", at_ms=newest_ms)
