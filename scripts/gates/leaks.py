"""Nothing that is committed may depend on, or speak of, one machine: no registry host, no home folder, no key.

The patterns are put together from pieces, so that this file does not find itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.source import ROOT, Finding, files

MAX_BYTES = 4_000_000
HOSTS = (
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "registry" + r"\.npmjs",
    "registry" + r"\.yarnpkg",
    "npm" + "mirror",
)
PLACES = (
    "home/[a-z]",
    "root/",
    "Users/[A-Za-z]",
    "work/",
    "mnt/[a-z]",
    "tmp/[A-Za-z0-9_]+/",
    "private/var/",
    "opt/pypi",
)
KEYS = (
    "-----BEGIN " + "[A-Z ]*PRIVATE KEY-----",
    "AKIA" + "[0-9A-Z]{16}",
    "gh[pousr]" + "_[A-Za-z0-9]{36}",
    "sk" + "-(ant-|or-|proj-)?[A-Za-z0-9_-]{32,}",
    "xox[abp]" + "-[A-Za-z0-9-]{20,}",
    "AIza" + "[0-9A-Za-z_-]{35}",
)
RULES = (
    (re.compile("|".join(HOSTS)), "names the host of a package registry: locks carry hashes, never hosts."),
    (
        re.compile(rf"(?<![\w./~:-])/(?:{'|'.join(PLACES)})"),
        "names a path of one machine: use one relative to the project.",
    ),
    (re.compile(r"[A-Z]:\\\\?Users\\"), "names a path of one machine: use one relative to the project."),
    (re.compile("|".join(KEYS)), "holds what looks like a secret: remove it and revoke it."),
)
ALLOWED = "leak-ok"
"""A line that says this word, with its reason, is let pass."""


def find() -> Iterator[Finding]:
    """Yield every line of the project's text files that names a registry host, a machine's path or a secret."""
    for path in files():
        content = (ROOT / path).read_bytes()
        if len(content) > MAX_BYTES or b"\0" in content[:8192]:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            if ALLOWED in line:
                continue
            for pattern, sentence in RULES:
                if pattern.search(line):
                    yield Finding(path, number, sentence)
