"""Where log lines go: everything the libraries and we ourselves log, in one shape, on stderr."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from quorate.settings import LogSettings

LEVELS = {"trace": 5, "debug": 10, "info": 20, "warning": 30, "error": 40}
LOGURU_KNOWS = frozenset({10, 20, 30, 40, 50})
LINE = "{time:HH:mm:ss.SSS!UTC} {level: <7} {message}"


def configure_logs(settings: LogSettings, write: Callable[[str], None]) -> None:
    """Send all log lines of at least the level set to `write`, as text or as one JSON object a line."""
    logger.remove()
    level = settings.level.upper()
    as_json = settings.format == "json"
    logger.add(write, level=level, format=LINE, serialize=as_json, backtrace=False, diagnose=False, colorize=False)
    logging.basicConfig(handlers=[_ToLoguru()], level=LEVELS[settings.level], force=True)
    # Each would tell every query and every connection at its own "info".
    for chatty in ("asyncio", "ccxt", "uvicorn.access", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _ToLoguru(logging.Handler):
    """Hands records of the standard library's loggers on."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelno in LOGURU_KNOWS else record.levelno
        logger.opt(exception=record.exc_info).log(level, record.getMessage())
