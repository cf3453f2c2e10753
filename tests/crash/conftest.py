"""Where a desk under test keeps its data."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import servers_root


@pytest.fixture
def desks() -> Iterator[Path]:
    """A folder for data directories. Not pytest's own: that is closed to the user that an embedded Postgres runs as."""
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as folder:
        yield Path(folder)
