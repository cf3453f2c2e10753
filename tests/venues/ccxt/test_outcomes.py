"""What a venue's answer proves, code by code: nothing is a refusal that may have been a success."""

from __future__ import annotations

import json

import pytest

from quorate.domain.errors import Unavailable
from quorate.domain.venue import (
    ClockSkew,
    KeyFault,
    NotSent,
    OrderGone,
    OutcomeUnknown,
    VenueBusy,
    VenueRefused,
)
from quorate.venues.ccxt import binance_errors, kraken_errors, outcomes
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.transport import HttpAnswer

NOW_MS = 1_735_689_600_000
CHANGES = (Errand.ENTRY, Errand.EXIT, Errand.CANCEL)


def binance(
    status: int, body: object, errand: Errand, *, derivatives: bool = False, **headers: str
) -> Exception | None:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = HttpAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)
    verdict = binance_errors.judge(
        answer, None if isinstance(body, str) else body, now_ms=NOW_MS, derivatives=derivatives
    )
    return None if verdict is None else outcomes.error_of(verdict, errand, venue="Binance", what="do it")


def kraken(errors: list[str], errand: Errand, status: int = 200) -> Exception | None:
    body = {"error": errors, "result": {}}
    verdict = kraken_errors.judge(HttpAnswer(status, {}, json.dumps(body)), body, now_ms=NOW_MS)
    return None if verdict is None else outcomes.error_of(verdict, errand, venue="Kraken", what="do it")


@pytest.mark.parametrize("errand", CHANGES)
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408, 100])
def test_f04_after_a_server_error_nobody_knows_whether_binance_did_it(errand: Errand, status: int) -> None:
    assert isinstance(binance(status, "<html>Bad Gateway</html>", errand), OutcomeUnknown)
    assert isinstance(binance(status, {"code": -1000, "msg": "An unknown error occurred."}, errand), OutcomeUnknown)


@pytest.mark.parametrize("errand", CHANGES)
@pytest.mark.parametrize("code", [-1000, -1001, -1006, -1007])
def test_binances_own_codes_for_not_knowing_are_no_refusals(errand: Errand, code: int) -> None:
    assert isinstance(binance(400, {"code": code, "msg": "Execution status unknown."}, errand), OutcomeUnknown)


@pytest.mark.parametrize(
    "words", ["Service Unavailable.", "Internal error; unable to process your request. Try again."]
)
def test_a_503_of_perpetuals_that_says_that_nothing_was_done_is_believed(words: str) -> None:
    body = {"code": -1001, "msg": words}
    assert isinstance(binance(503, body, Errand.ENTRY, derivatives=True), NotSent)
    assert isinstance(binance(503, body, Errand.ENTRY), OutcomeUnknown), "spot promises no such thing"
    assert isinstance(binance(502, body, Errand.ENTRY, derivatives=True), OutcomeUnknown)
    unknown = {"code": -1000, "msg": "Unknown error, please check your request or try again later."}
    assert isinstance(binance(503, unknown, Errand.ENTRY, derivatives=True), OutcomeUnknown)


def test_a_refusal_carries_the_venues_own_code() -> None:
    error = binance(400, {"code": -2010, "msg": "Account has insufficient balance."}, Errand.ENTRY)
    assert isinstance(error, VenueRefused)
    assert not isinstance(error, OrderGone)
    assert error.code_there == "-2010"
    assert "insufficient balance" in error.message


@pytest.mark.parametrize(
    "body",
    [
        {"code": -2010, "msg": "Duplicate order sent."},
        {"code": -4116, "msg": "ClientOrderId is duplicated."},
    ],
)
def test_f02_our_id_being_in_use_proves_that_an_order_exists(body: object) -> None:
    assert isinstance(binance(400, body, Errand.ENTRY), OutcomeUnknown)
    assert isinstance(kraken(["EOrder:Invalid order:cl_ord_id is in use"], Errand.ENTRY), OutcomeUnknown)


@pytest.mark.parametrize("status", [418, 429])
def test_f26_a_ban_says_for_how_long(status: int) -> None:
    error = binance(status, {"code": -1003, "msg": "Too many requests."}, Errand.ENTRY, retry_after="17")
    assert isinstance(error, VenueBusy)
    assert error.retry_after_s == 17
    until = NOW_MS + 90_000
    banned = binance(418, {"code": -1003, "msg": f"Way too many requests; IP banned until {until}."}, Errand.QUESTION)
    assert isinstance(banned, VenueBusy)
    assert banned.retry_after_s == 90
    odd = binance(status, "go away", Errand.CANCEL, retry_after="nan")
    assert isinstance(odd, VenueBusy)
    assert odd.retry_after_s == outcomes.RETRY_AFTER_S_DEFAULT


@pytest.mark.parametrize("code", [-1022, -2014, -2015])
def test_f26_a_key_that_is_not_accepted_is_the_keys_fault(code: int) -> None:
    assert isinstance(binance(401, {"code": code, "msg": "no"}, Errand.QUESTION), KeyFault)
    assert isinstance(binance(400, {"code": code, "msg": "no"}, Errand.ENTRY), KeyFault)


def test_f20_a_wrong_time_is_no_fault_of_the_order() -> None:
    body = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
    assert isinstance(binance(400, body, Errand.ENTRY), ClockSkew)
    assert isinstance(kraken(["EAPI:Invalid nonce"], Errand.ENTRY), ClockSkew)


def test_f07_an_order_that_is_not_there_to_cancel_is_gone() -> None:
    assert isinstance(binance(400, {"code": -2011, "msg": "Unknown order sent."}, Errand.CANCEL), OrderGone)
    assert isinstance(binance(400, {"code": -2013, "msg": "Order does not exist."}, Errand.QUESTION), OrderGone)
    kept = binance(400, {"code": -2011, "msg": "Order was not canceled due to cancel restrictions."}, Errand.CANCEL)
    assert isinstance(kept, VenueRefused)
    assert not isinstance(kept, OrderGone)
    assert isinstance(kraken(["EOrder:Unknown order"], Errand.CANCEL), OrderGone)
    assert not isinstance(kraken(["EOrder:Invalid order"], Errand.ENTRY), OrderGone), "no order is gone by placing it"


def test_f27_a_closed_market_is_maintenance() -> None:
    for error in (
        binance(400, {"code": -1013, "msg": "Market is closed."}, Errand.ENTRY),
        kraken(["EService:Market in cancel_only mode"], Errand.ENTRY),
        kraken(["EService:Market in post_only mode"], Errand.ENTRY),
    ):
        assert isinstance(error, VenueBusy)
        assert error.maintenance


@pytest.mark.parametrize("errand", CHANGES)
@pytest.mark.parametrize(
    "words",
    [
        "EService:Unavailable",
        "EService:Busy",
        "EService:Timeout",
        "EGeneral:Internal error",
        "EDatabase:Internal error",
    ],
)
def test_f04_where_kraken_fails_inside_nobody_knows_what_it_did(errand: Errand, words: str) -> None:
    assert isinstance(kraken([words], errand), OutcomeUnknown)
    assert isinstance(kraken([words], Errand.QUESTION), Unavailable)
    assert not isinstance(kraken([words], Errand.QUESTION), NotSent)


def test_of_several_errors_the_one_that_proves_least_counts() -> None:
    assert isinstance(kraken(["EOrder:Insufficient funds", "EService:Timeout"], Errand.ENTRY), OutcomeUnknown)
    assert isinstance(kraken(["EOrder:Insufficient funds", "EAPI:Rate limit exceeded"], Errand.ENTRY), VenueBusy)


def test_a_deadline_that_elapsed_somewhere_on_the_way_proves_nothing() -> None:
    assert isinstance(kraken(["EService:Deadline elapsed"], Errand.ENTRY), OutcomeUnknown)


def test_krakens_words_under_a_server_error_prove_nothing() -> None:
    assert isinstance(kraken(["EOrder:Insufficient funds"], Errand.ENTRY, 502), OutcomeUnknown)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("EAPI:Invalid key", KeyFault),
        ("EAPI:Invalid signature", KeyFault),
        ("EGeneral:Permission denied", KeyFault),
        ("EAPI:Rate limit exceeded", VenueBusy),
        ("EOrder:Rate limit exceeded", VenueBusy),
        ("EGeneral:Temporary lockout", VenueBusy),
        ("EOrder:Insufficient funds", VenueRefused),
        ("EOrder:Cost minimum not met", VenueRefused),
        ("EQuery:Unknown asset pair", VenueRefused),
    ],
)
def test_each_of_krakens_words_has_its_meaning(words: str, kind: type[Exception]) -> None:
    assert isinstance(kraken([words], Errand.ENTRY), kind)


def test_words_that_nobody_knows_prove_nothing() -> None:
    assert isinstance(kraken(["EWhatever:New"], Errand.ENTRY), OutcomeUnknown)
    assert isinstance(kraken(["EGeneral:Something new"], Errand.CANCEL), OutcomeUnknown)


def test_krakens_throttle_says_when_it_ends() -> None:
    error = kraken([f"EService:Throttled:{NOW_MS // 1000 + 25}"], Errand.ENTRY)
    assert isinstance(error, VenueBusy)
    assert error.retry_after_s == 25


def test_a_warning_is_no_error_and_no_error_is_a_success() -> None:
    assert kraken(["WGeneral:Danger"], Errand.ENTRY) is None
    assert kraken([], Errand.ENTRY) is None
    assert binance(200, {"orderId": 1}, Errand.ENTRY) is None
    assert binance(200, {"code": 200, "msg": "success"}, Errand.CANCEL) is None


@pytest.mark.parametrize("status", [520, 522, 524, 500])
def test_what_stands_before_kraken_fails_without_its_words(status: int) -> None:
    verdict = kraken_errors.judge(HttpAnswer(status, {}, "<html>"), None, now_ms=NOW_MS)
    assert verdict is not None
    assert isinstance(outcomes.error_of(verdict, Errand.ENTRY, venue="Kraken", what="place"), OutcomeUnknown)
