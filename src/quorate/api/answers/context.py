"""The newest context of the running desk, and the texts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.api.answers.rows import instant, instant_of_ms, moment
from quorate.api.schemas.context import ContextFigure, ContextPart, ContextText, News, WorldContext
from quorate.domain.money import plain
from quorate.store.readers import context

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.schemas.context import TextKind

TEXTS = ("news", "social", "community")
"""The parts that are texts."""
LOST_MS = 60_000
"""A worker that has told nothing for this long tells nothing any more."""


async def context_of(given: Resources, account: str) -> WorldContext:
    """Everything the worker told last; where it has nothing, why."""
    row = await _newest(given, account)
    said = row.said
    return WorldContext(
        available=said.available,
        why=said.why,
        at=instant_of_ms(said.at_ms),
        told_age_ms=row.age_ms,
        parts=[_part(part) for part in said.parts],
        figures=[_figure(figure) for figure in said.figures],
        texts=[_text(text, said) for text in said.texts],
    )


async def news_of(given: Resources, account: str, *, kind: TextKind | None, limit: int) -> News:
    """Its texts, newest first, of one kind or of all."""
    row = await _newest(given, account)
    said = row.said
    wanted = sorted(
        (text for text in said.texts if kind is None or text.kind == kind), key=lambda text: text.at_ms, reverse=True
    )
    sources = [part for part in said.parts if part.name in TEXTS and part.state != "off"]
    return News(
        available=said.available and bool(sources),
        why=said.why if sources or said.why else "No source of texts is set.",
        at=instant_of_ms(said.at_ms),
        told_age_ms=row.age_ms,
        items=[_text(text, said) for text in wanted[:limit]],
    )


async def _newest(given: Resources, account: str) -> context.ContextRow:
    row = await context.newest(given.pool, account)
    if row is None:
        why = f"No worker of account {account} tells what it knows of the world."
    elif row.age_ms > LOST_MS:
        why = f"The worker of account {account} has not been heard of for {row.age_ms // 1_000} s."
    else:
        return row
    age_ms = 0 if row is None else row.age_ms
    return context.ContextRow(context.ContextSaid(account=account, available=False, why=why), age_ms)


def _part(part: context.PartSaid) -> ContextPart:
    return ContextPart.model_validate({"name": part.name, "state": part.state, "age_ms": part.age_ms, "why": part.why})


def _figure(figure: context.FigureSaid) -> ContextFigure:
    words: dict[str, Any] = {"part": figure.part}
    return ContextFigure(
        name=figure.name,
        pair=figure.pair,
        value=plain(figure.value),
        unit=figure.unit,
        age_ms=figure.age_ms,
        told=figure.told,
        **words,
    )


def _text(text: context.TextSaid, said: context.ContextSaid) -> ContextText:
    words: dict[str, Any] = {"kind": text.kind}
    return ContextText(
        source=text.source,
        title=text.title,
        text=text.text,
        url=text.url or None,
        at=instant(moment(text.at_ms)),
        age_ms=0 if said.at_ms is None else max(0, said.at_ms - text.at_ms),
        tone=float(text.tone),
        **words,
    )
