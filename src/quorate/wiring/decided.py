"""What models were asked for a decision of the past, to the letter: out of the journal, and the records beside it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.api.answers.detail import decided_in
from quorate.api.answers.words import models_in, request_with
from quorate.api.words import AskedWords, WordsDamaged
from quorate.domain.errors import BadInput, Unavailable
from quorate.store.readers import entries, roles, signals
from quorate.wiring.stores import open_stores
from quorate.wiring.tools import Silent
from quorate.wiring.words import recorded_words

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.domain.minds import ModelAsked
    from quorate.settings import Settings

DIGEST = re.compile(r"[0-9a-f]{64}")
SIGNAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAsked:
    """One prompt of a decision: who was asked it, and its exact words."""

    slot: str
    analysts: tuple[str, ...]
    words: AskedWords


async def prompts_of(settings: Settings, decision: str) -> Sequence[PromptAsked]:
    """Every prompt that was sent for a decision, second askings left out.

    A decision is named by a signal's id, by a slot of the scanner or the evaluator, or by the digest of a prompt. The
    account is that of the settings, else of the running desk, else of whoever asked last. Raises BadInput where there
    is no such decision or nobody was asked, and Unavailable where the words lie on another machine.
    """
    wanted = decision.strip().lower()
    async with open_stores(settings, Silent(), redis=False) as stores:
        account = settings.account or await roles.account_of_desk(stores.pool)
        account = account or await entries.newest_asker(stores.pool)
        if account is None:
            raise BadInput("No desk has asked a model here.", hint="Name the desk's directory with --data-dir.")
        rows, digests = await _asked(stores.pool, account, wanted)
    found = list[PromptAsked]()
    for row in rows:
        models = models_in(row.body)
        for digest in dict.fromkeys(model.prompt for model in models if model.prompt):
            if digests is None or digest in digests:
                words = await asyncio.to_thread(_words, settings, account, models, digest)
                analysts = tuple(model.analyst for model in models if model.prompt == digest)
                found.append(PromptAsked(slot=row.subject, analysts=analysts, words=words))
    if not found:
        raise BadInput(
            f"No model was asked for {decision[:80]!r} in account {account}.",
            hint="Give a signal's id, a slot or a prompt's digest, as the council's page and /v1/council show them. "
            "What rules decide has no prompt.",
        )
    return found


async def _asked(pool: Pool, account: str, wanted: str) -> tuple[Sequence[entries.EntryRow], frozenset[str] | None]:
    """Entries about models that were asked for what is wanted, and which of their prompts are meant; None is all."""
    if DIGEST.fullmatch(wanted):
        return (await entries.asked_with(pool, account, wanted))[:1], frozenset({wanted})
    if not SIGNAL.fullmatch(wanted):
        return await entries.asked_in(pool, account, wanted), None
    signal = await signals.one(pool, account, wanted)
    if signal is None:
        raise BadInput(f"There is no signal {wanted} in account {account}.")
    decided = await decided_in(pool, account, wanted, signal)
    if decided is None:
        raise BadInput(f"Signal {wanted} is a strategy's own: rules have no prompt.")
    digests = frozenset(prompt.digest for prompt in decided.prompts)
    return await entries.asked_in(pool, account, decided.slot), digests


def _words(settings: Settings, account: str, models: Sequence[ModelAsked], digest: str) -> AskedWords:
    try:
        found = request_with(recorded_words(settings), account, models, digest)
    except WordsDamaged as error:
        raise Unavailable(str(error), hint="Restore it from a backup; nothing else depends on it.") from error
    if found is None:
        raise Unavailable(
            f"Prompt {digest} cannot be read here.",
            hint=f"It lies beside the desk's worker, in its data directory under minds/desks/{account}.",
        )
    return found
