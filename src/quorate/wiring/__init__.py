"""The only place that knows everything: builds adapters, hands them to the desk, and runs the house."""

from quorate.reporting import PortfolioResult, RunSummary
from quorate.wiring.house import up
from quorate.wiring.tools import check, export_journal, optimizer_config, run_job, strategies, verify_journal

__all__ = [
    "PortfolioResult",
    "RunSummary",
    "check",
    "export_journal",
    "optimizer_config",
    "run_job",
    "strategies",
    "up",
    "verify_journal",
]
