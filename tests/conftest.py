"""What every test may ask for, and which tests are slow."""

import pytest

from tests.examples import use_profile

pytest_plugins = ("tests.servers",)
SLOW_FOLDERS = ("crash", "wiring")
"""Whole processes and whole houses."""

use_profile()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves out."""
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS:
            item.add_marker(pytest.mark.slow)
