"""The only place that knows everything: builds adapters, hands them to the desk, and runs the house.

What a verb does not use is not loaded: the names below are found when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorate.reporting import PortfolioResult, RunSummary
    from quorate.wiring.house import up
    from quorate.wiring.tools import (
        ask_desk,
        check,
        export_journal,
        journal_restored,
        optimizer_config,
        run_job,
        strategies,
        verify_journal,
    )

__all__ = [
    "PortfolioResult",
    "RunSummary",
    "ask_desk",
    "check",
    "export_journal",
    "journal_restored",
    "optimizer_config",
    "run_job",
    "strategies",
    "up",
    "verify_journal",
]
_HOMES = {"PortfolioResult": "quorate.reporting", "RunSummary": "quorate.reporting", "up": "quorate.wiring.house"}


def __getattr__(name: str) -> Any:
    """One of the names of this package, loaded with its module."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "quorate.wiring.tools")), name)
