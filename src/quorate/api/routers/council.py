"""The council at work: its cycles, and the words behind them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from quorate.api.accounts import account_for
from quorate.api.answers.council import council_of
from quorate.api.answers.words import answer_of, prompt_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, RECORD_DAMAGED, documented
from quorate.api.resources import Given
from quorate.api.schemas.council import Council
from quorate.api.schemas.queries import AccountQuery, CouncilQuery, PromptQuery
from quorate.api.schemas.words import Answer, Prompt

router = APIRouter(prefix="/v1", tags=["council"])
PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE)
WORDS_PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, RECORD_DAMAGED, DATABASE_UNREACHABLE)
DIGEST = Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hex.")


@router.get("/council", summary="Cycles of the council", responses=PROBLEMS)
async def council(query: Annotated[CouncilQuery, Query()], given: Given) -> Council:
    """Who voted what and why, how much they disagreed, what came of it, and how models were asked at what cost.

    Newest first; pages follow `next`: pass it as `before`. Pairs on which nobody took a side are left out.
    """
    return await council_of(given.pool, await account_for(given, query.account), query.limit, query.before)


@router.get("/prompts/{digest}", summary="The exact prompt of a decision", responses=WORDS_PROBLEMS)
async def prompt(digest: Annotated[str, DIGEST], query: Annotated[PromptQuery, Query()], given: Given) -> Prompt:
    """System text, prompt and answer schema as they were sent, from the records beside the worker.

    A 404 says where they lie where this process cannot read them.
    """
    return await prompt_of(given, await account_for(given, query.account), digest, query.record)


@router.get("/answers/{record}", summary="What a model said, word for word", responses=WORDS_PROBLEMS)
async def answer(record: Annotated[str, DIGEST], query: Annotated[AccountQuery, Query()], given: Given) -> Answer:
    """The answer under the hash that `/v1/council` names, or why there was none. The text is untrusted."""
    return await answer_of(given, await account_for(given, query.account), record)
