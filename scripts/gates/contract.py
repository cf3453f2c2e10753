"""The description of the API that the page's types are generated from is the one that the API gives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gates.source import ROOT, Finding

DESCRIPTION = Path("web/openapi.json")
MODULE = "quorate.api.openapi"


def find() -> Iterator[Finding]:
    """Yield a finding when web/openapi.json is not what the API says of itself."""
    if not (ROOT / DESCRIPTION).is_file():
        return
    done = subprocess.run([sys.executable, "-m", MODULE], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        yield Finding(DESCRIPTION, 1, f"the API cannot describe itself ({last}).")
        return
    told, kept = done.stdout.splitlines(), (ROOT / DESCRIPTION).read_text(encoding="utf-8").splitlines()
    if told != kept:
        pairs = enumerate(zip(told, kept, strict=False), start=1)
        line = next((number for number, (new, old) in pairs if new != old), min(len(told), len(kept)) + 1)
        again = f"`.venv/bin/python -m {MODULE} > {DESCRIPTION}`, then `npm run generate` in web/"
        yield Finding(DESCRIPTION, line, f"is not what the API says of itself: run {again}.")
