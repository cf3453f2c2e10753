"""What models were asked and said, word for word, out of real folders of records."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from quorate.api.schemas.words import Answer, Prompt
from quorate.domain import events as e
from quorate.domain.evaluation import Advice, Evaluated
from quorate.domain.minds import MindRequest, MindSilence, ModelSpec
from quorate.minds.records import (
    RECORD_VERSION,
    Call,
    FolderRecords,
    Outcome,
    Told,
    ask_of,
    keep,
    request_body,
)
from quorate.wiring.words import RecordedWords
from tests.api.shadow_days import asked, vote
from tests.journal import samples

REQUEST = MindRequest(
    system="You are asked.", prompt="BTC/USDT 100", schema='{"type":"object"}', template="full-1", digest="c3" * 32
)
SPEC = ModelSpec(analyst="gemini", provider="gemini", model="gemini-2.5-pro", output_tokens_max=16_384)
SAID = '{"votes": []} <script>alert(1)</script>'


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "minds"


@pytest.fixture
async def page(serve, resources, folder):
    return await serve(given=replace(resources, words=RecordedWords(lambda account: folder / account, None)))


def kept(folder, *, silent=False, request=REQUEST):
    """Puts a request and what came of it into the folder; gives the record of the outcome."""
    records = FolderRecords(folder / "paper")
    told = (
        Told(
            analyst="gemini",
            answered_by="gemini/gemini-2.5-pro",
            fallback=False,
            text=SAID,
            input_tokens=1_000,
            output_tokens=20,
            cost_usd=D("0.01"),
            latency_ms=900,
        )
        if not silent
        else None
    )
    call = Call(
        provider="gemini",
        model="gemini-2.5-pro",
        sent="d" * 64,
        status=503 if silent else 200,
        fault="unavailable" if silent else None,
        reason="no" if silent else None,
        received="raw",
        cost_usd=D("0.01"),
    )
    outcome = Outcome(
        version=RECORD_VERSION,
        request=records.put(request_body(request)),
        analyst="gemini",
        provider="gemini",
        model="gemini-2.5-pro",
        temperature=D(0),
        output_tokens_max=16_384,
        calls=(call,),
        answer=told,
        silence=MindSilence(analyst="gemini", code="unavailable", reason="no") if silent else None,
    )
    return keep(records, ask_of(SPEC, request), outcome)


async def cycle(desk, *, record, code="voted"):
    model = asked(code=code, prompt=REQUEST.digest, record=record)
    await desk.write(
        [
            e.CouncilAsked("s1", samples.START_MS, (model,)),
            e.VotesCast("s1", samples.START_MS, ("gemini",), (vote("gemini"),)),
        ]
    )


async def test_the_prompt_of_a_decision_is_told_as_it_was_sent(page, desk, folder):
    await cycle(desk, record=kept(folder))
    found = Prompt.model_validate((await page.get(f"/v1/prompts/{REQUEST.digest}")).json())
    assert (found.system, found.prompt, found.answer_schema, found.template) == (
        REQUEST.system,
        REQUEST.prompt,
        REQUEST.schema,
        "full-1",
    )
    assert (found.cut, found.tokens > 5) == (False, True)


async def test_a_prompt_that_nobody_answered_is_found_by_its_ask(page, desk, folder):
    kept(folder, silent=True)
    await cycle(desk, record="", code="unavailable")
    assert (await page.get(f"/v1/prompts/{REQUEST.digest}")).json()["prompt"] == REQUEST.prompt


async def test_a_prompt_of_the_position_manager_is_found_too(page, desk, folder):
    model = asked(prompt=REQUEST.digest, record=kept(folder))
    trades = (Evaluated("aggressive", "BTC/USDT", Advice.HOLD, None, "Fine."),)
    await desk.write([e.PositionsEvaluated("e1", samples.START_MS, "gemini", trades, model)])
    assert (await page.get(f"/v1/prompts/{REQUEST.digest}")).json()["system"] == REQUEST.system


async def test_a_second_asking_is_found_by_the_record_of_its_answer(page, desk, folder):
    again = replace(REQUEST, prompt="Once more.", digest="e5" * 32)
    record = kept(folder, request=again)
    response = await page.get(f"/v1/prompts/{again.digest}", params={"record": record})
    assert response.json()["prompt"] == "Once more."
    other = await page.get(f"/v1/prompts/{'f6' * 32}", params={"record": record})
    assert other.status_code == 404, "a record does not stand for another prompt"


async def test_what_a_model_said_is_plain_json_word_for_word(page, desk, folder):
    record = kept(folder)
    response = await page.get(f"/v1/answers/{record}")
    found = Answer.model_validate(response.json())
    assert (found.text, found.answered_by, found.silence, found.prompt) == (
        SAID,
        "gemini/gemini-2.5-pro",
        None,
        REQUEST.digest,
    )
    assert (response.headers["content-type"], response.headers["x-content-type-options"]) == (
        "application/json",
        "nosniff",
    )
    assert [(call.status, call.fault) for call in found.calls] == [(200, None)]


async def test_why_a_model_was_silent_is_told(page, desk, folder):
    found = Answer.model_validate((await page.get(f"/v1/answers/{kept(folder, silent=True)}")).json())
    assert (found.text, found.silence, found.reason) == (None, "unavailable", "no")
    assert (found.calls[0].status, found.calls[0].fault) == (503, "unavailable")


async def test_a_process_without_the_records_says_where_they_lie(api, desk, folder):
    await desk.beat()
    await cycle(desk, record="b2" * 32)
    for path in (f"/v1/prompts/{REQUEST.digest}", f"/v1/answers/{'b2' * 32}"):
        response = await api.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert "beside the worker (1)" in response.json()["detail"]
        assert "minds/desks/paper" in response.json()["detail"]


async def test_a_prompt_that_no_decision_knows_is_not_there(page, desk):
    response = await page.get(f"/v1/prompts/{'0' * 64}")
    assert (response.status_code, "No decision" in response.json()["detail"]) == (404, True)


async def test_a_damaged_record_is_not_shown_as_the_truth(page, desk, folder):
    record = kept(folder)
    path = folder / "paper" / "records" / record[:2] / f"{record[2:]}.json.gz"
    path.write_bytes(path.read_bytes()[:-9])
    response = await page.get(f"/v1/answers/{record}")
    assert (response.status_code, response.json()["code"]) == (500, "record_damaged")


async def test_a_request_is_no_answer_and_a_path_is_no_hash(page, desk, folder):
    kept(folder)
    request = FolderRecords(folder / "paper").put(request_body(REQUEST))
    assert (await page.get(f"/v1/answers/{request}")).status_code == 404
    for wrong in ("..%2F..%2Fetc%2Fpasswd", "A" * 64, "0" * 63):
        assert (await page.get(f"/v1/answers/{wrong}")).status_code in (404, 422)


async def test_a_text_without_end_is_cut_and_says_so(page, desk, folder):
    endless = replace(REQUEST, prompt="x" * 1_500_000)
    await cycle(desk, record=kept(folder, request=endless))
    found = (await page.get(f"/v1/prompts/{REQUEST.digest}")).json()
    assert (len(found["prompt"]), found["cut"]) == (1_000_000, True)
