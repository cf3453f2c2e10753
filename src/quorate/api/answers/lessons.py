"""Lessons as the API tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from quorate.api.answers.rows import instant, moment
from quorate.api.schemas.trading import Lesson, Lessons
from quorate.domain.lessons import Lesson as Learned
from quorate.domain.money import plain
from quorate.store.readers import lessons
from quorate.store.readers.page import parse_cursor

if TYPE_CHECKING:
    from asyncpg.pool import Pool

_decode = msgspec.json.Decoder(Learned).decode


async def lessons_of(pool: Pool, account: str, *, limit: int, before: str | None) -> Lessons:
    """One page of lessons, newest first."""
    page = await lessons.page(pool, account, before=parse_cursor(before), limit=limit)
    return Lessons(lessons=[lesson_of(body) for body in page.bodies], next=page.following)


def lesson_of(body: str) -> Lesson:
    """A lesson from its JSON."""
    learned = _decode(body)
    words: dict[str, Any] = {"side": learned.side.value}
    return Lesson(
        trade=learned.trade,
        portfolio=learned.portfolio,
        pair=learned.pair,
        source=learned.source,
        r=plain(learned.r),
        expected=learned.expected,
        happened=learned.happened,
        lesson=learned.lesson,
        by=learned.by,
        at=instant(moment(learned.at_ms)),
        **words,
    )
