"""Records of the analysts, and what closed trades taught."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.lessons import lessons_of
from quorate.api.answers.records import records_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import LessonsQuery, ModelsQuery
from quorate.api.schemas.records import AnalystRecords
from quorate.api.schemas.trading import Lessons

router = APIRouter(tags=["results"])
PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE)


@router.get("/v1/models", summary="Records of the analysts", responses=PROBLEMS)
async def models(query: Annotated[ModelsQuery, Query()], given: Given) -> AnalystRecords:
    """Every analyst's shadow trades: each vote run to its end on paper with the same exits and costs.

    Rules, models, strategies, the council itself and a plain majority; each with its interval, its calibration, its
    cost, and whether it beats luck and buy-and-hold. Ranked ones come first, the others by name.
    """
    return await records_of(given, await account_for(given, query.account), all_records=query.all_records)


@router.get("/v1/lessons", summary="What closed trades taught", responses=PROBLEMS)
async def lessons(query: Annotated[LessonsQuery, Query()], given: Given) -> Lessons:
    """Lessons, newest first. They go back into the prompts of models, as data."""
    return await lessons_of(given.pool, await account_for(given, query.account), limit=query.limit, before=query.before)
