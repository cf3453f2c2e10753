"""Houses for the tests of the wiring."""

from tests.wiring.houses import folder

__all__ = ["folder"]
