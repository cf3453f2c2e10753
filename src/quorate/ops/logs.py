"""Logs: one line for each thing that happened, as text or as JSON, with everything secret taken out."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message, Record

LINE_CHARS_MAX = 16_000
"""A longer line is cut: a log must not become a copy of what went through the desk."""
TEXT_FORMAT = (
    "<dim>{time:YYYY-MM-DDTHH:mm:ss.SSS!UTC}Z</dim> <level>{level: <7}</level> {message}{extra[tail]}\n{exception}"
)
SECRET = re.compile(
    r"(?i)(?P<key>(?:\b(?:authorization|token|secret|password|passwd|api[_-]?key|apikey|signature)\b[\"']?\s{0,3}[:=]\s{0,3}"
    r"[\"']?(?:bearer\s{1,3})?|\bbearer\s{1,3}))(?P<value>[^\s\"',;&]{6,})"
)
ADDRESS = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)[^/\s:@]{0,200}:[^@\s/]{1,500}@")
HIDDEN = "***"
NOISY = ("httpx", "httpcore", "alembic", "asyncio", "ccxt", "uvicorn.error")
"""Libraries that tell more than an operator wants to know: only their warnings are written."""
BENIGN = ("ASGI callable returned without completing response",)
"""What uvicorn says when we end a stalled stream on purpose."""


def scrub(text: str) -> str:
    """The text without tokens, keys and passwords, and not longer than a line may be."""
    if len(text) > LINE_CHARS_MAX:
        text = f"{text[:LINE_CHARS_MAX]} … cut\n"
    text = ADDRESS.sub(rf"\g<scheme>{HIDDEN}@", text)
    return SECRET.sub(rf"\g<key>{HIDDEN}", text)


def configure_logs(*, level: str, as_json: bool, write: Callable[[str], object], colour: bool = False) -> None:
    """Send every log line of the process, also those of libraries, to `write`, without anything secret in it."""
    logger.remove()
    logger.configure(patcher=_patch)

    def write_text(message: Message) -> None:
        write(scrub(message))

    def write_json(message: Message) -> None:
        write(_json(message))

    if as_json:
        logger.add(write_json, level=level.upper(), format="{message}", diagnose=False)
    else:
        logger.add(
            write_text, level=level.upper(), format=TEXT_FORMAT, colorize=colour, diagnose=False, backtrace=False
        )
    logging.basicConfig(handlers=[_Bridge()], level=logging.INFO, force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _patch(record: Record) -> None:
    record["message"] = scrub(record["message"])
    request_id = record["extra"].get("request_id")
    record["extra"]["tail"] = f" [{request_id}]" if request_id else ""


def _json(message: Message) -> str:
    record = message.record
    line: dict[str, Any] = {
        "at": record["time"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "level": record["level"].name.lower(),
        "message": record["message"],
        "where": f"{record['name']}:{record['line']}",
        **{key: value for key, value in record["extra"].items() if key != "tail"},
    }
    if record["exception"] is not None:
        line["error"] = scrub(str(message))
    return json.dumps(line, default=str, ensure_ascii=False) + "\n"


class _Bridge(logging.Handler):
    """Hands the lines of libraries that use the standard logging over to Loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand over one line."""
        text = record.getMessage()
        if text.startswith(BENIGN):
            return
        known = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
        level = record.levelname if record.levelname in known else "INFO"
        trace = record.exc_info
        if trace and trace[1] is not None and record.levelno < logging.ERROR:
            # What a library gets over by itself: its name is enough, where it happened is of no use to an operator.
            text, trace = f"{text} ({type(trace[1]).__name__})", None
        logger.opt(exception=trace).log(level, "{}: {}", record.name, text)
