"""Logs tell what happened and never a secret."""

import io
import json
import logging
import sys

import pytest
from loguru import logger

from quorate.ops.logs import LINE_CHARS_MAX, configure_logs, scrub


@pytest.fixture(autouse=True)
def restored():
    yield
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logger.add(sys.stderr)
    logging.basicConfig(handlers=[], force=True)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        "token=abcdef123456",
        'api_key: "abcdef123456"',
        "it came with Bearer abcdef123456",
        "postgresql://somebody:abcdef123456@host/db",
        "rediss://:abcdef123456@host:6379",
    ],
)
def test_i7_no_secret_reaches_a_line(text):
    assert "abcdef123456" not in scrub(text)
    assert "***" in scrub(text)


def test_plain_words_stay():
    text = "the desk opened BTC/USDT at 64250.5 for account paper, 3 of 3 agree; the token expired"
    assert scrub(text) == text
    assert len(scrub("x" * 100_000)) < LINE_CHARS_MAX + 10


def test_json_lines_carry_level_message_and_what_is_bound():
    out = io.StringIO()
    configure_logs(level="info", as_json=True, write=out.write)
    logger.bind(request_id="q-1").warning("port {} is busy", 8420)
    logger.debug("not told")
    logging.getLogger("somewhere").error("token=abcdef123456 leaked")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [
        ("warning", "port 8420 is busy"),
        ("error", "somewhere: token=*** leaked"),
    ]
    assert lines[0]["request_id"] == "q-1"


def test_an_error_in_json_has_its_trace_without_values():
    out = io.StringIO()
    configure_logs(level="info", as_json=True, write=out.write)
    try:
        hidden = "abcdef123456"
        raise ValueError(f"token={hidden}")
    except ValueError:
        logger.exception("it failed")
    line = json.loads(out.getvalue())
    assert "ValueError" in line["error"]
    assert "abcdef123456" not in line["error"]


def test_text_lines_show_the_request_and_the_trace_without_secrets():
    out = io.StringIO()
    configure_logs(level="info", as_json=False, write=out.write)
    logger.bind(request_id="q-1").info("answered")
    try:
        raise ValueError("token=abcdef123456")
    except ValueError:
        logger.exception("it failed")
    assert "answered [q-1]" in out.getvalue()
    assert "abcdef123456" not in out.getvalue()


def test_what_libraries_say_of_their_own_start_is_not_told():
    out = io.StringIO()
    configure_logs(level="info", as_json=False, write=out.write)
    logging.getLogger("uvicorn.error").info("Started server process [1]")
    logging.getLogger("alembic.runtime.migration").info("Context impl PostgresqlImpl.")
    assert out.getvalue() == ""


def test_what_a_library_gets_over_by_itself_is_one_line():
    out = io.StringIO()
    configure_logs(level="info", as_json=False, write=out.write)
    try:
        raise ConnectionRefusedError("nobody there")
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("trying again", exc_info=True)
        logging.getLogger("somewhere").exception("a fault")
    told, fault, *trace = [line for line in out.getvalue().splitlines() if line]
    assert told.endswith("asyncpg.pool: trying again (ConnectionRefusedError)")
    assert fault.endswith("somewhere: a fault")
    assert trace[0].startswith("Traceback")
