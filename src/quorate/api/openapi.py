"""Prints the OpenAPI document: `python -m quorate.api.openapi > web/openapi.json`."""

import json
import sys

from quorate import __version__
from quorate.api.app import bare_app


def document() -> str:
    """The OpenAPI document as stable, readable JSON."""
    return json.dumps(bare_app(__version__).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
