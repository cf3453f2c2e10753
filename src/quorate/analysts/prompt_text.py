"""Text that somebody outside wrote: made harmless, quoted, and counted, before a model ever sees it.

A headline, a chat message or a lesson can inform a model and never instruct it. Nothing here can know what a sentence
means, so nothing is filtered by meaning: what is taken away is every means of looking like anything but quoted text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

RAW_CHARS_MAX = 600
"""Characters of a text that are looked at at all."""
QUOTE_CHARS_MAX = 240
"""Characters of one quoted text."""
NAME_CHARS_MAX = 32
"""Characters of a name: a source, a portfolio, an analyst."""
MODEL_CHARS_MAX = 120
"""Characters of a model's name."""
FENCE_HEX = 16
"""Hexadecimal digits of a fence's code: 64 bits of the digest of what it encloses."""
MARKS_MAX = 2
"""Combining marks that may follow one character."""

_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|data:|javascript:|mailto:)\S*")
_LONG = re.compile(r"[A-Za-z0-9+/_=.\-]{28,}")
_SPACE = re.compile(r"\s+")
# Brackets, quotes, bars and grave accents are what fences, JSON, tags, tool calls and chat templates are made of.
_FORM = str.maketrans(
    {
        "<": "‹",  # noqa: RUF001
        ">": "›",  # noqa: RUF001
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        "`": "'",
        '"': "'",
        "|": "/",
        "\\": "/",
        "#": "",
        "*": "",
        "~": "",
    }
)
_TOKEN = re.compile(rb"[A-Za-z]{1,2}|[^A-Za-z ]| (?![A-Za-z])")


def quoted(text: str, *, chars_max: int = QUOTE_CHARS_MAX) -> str:
    """One line of plain text that cannot pass for structure, at most `chars_max` characters.

    Compatibility forms become plain (NFKC), control, format, private and unassigned characters become spaces, brackets
    and quotes lose their shape, links and runs of 28 and more letters or digits (keys, encoded orders) are left out.
    """
    plain = unicodedata.normalize("NFKC", text[:RAW_CHARS_MAX])[:RAW_CHARS_MAX]
    plain = plain if plain.isascii() and plain.isprintable() else _visible(plain)
    plain = _LONG.sub("(long run left out)", _LINK.sub("(link left out)", plain))
    return cut(_SPACE.sub(" ", plain.translate(_FORM)).strip(), chars_max=chars_max)


def cut(text: str, *, chars_max: int) -> str:
    """The text, shortened to `chars_max` characters."""
    return text if len(text) <= chars_max else f"{text[: chars_max - 1].rstrip()}…"


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if category[0] == "C" or category in {"Zl", "Zp"}:
            # Joining what an invisible character kept apart would make new words; a space makes none.
            kept.append(" ")
        elif marks <= MARKS_MAX:
            kept.append(char)
    return "".join(kept)


def model_name(text: str) -> str:
    """How a provider names a model, as one line without structure: a stranger's text that no model is ever shown.

    Such names are long runs of letters and digits by nature (`anthropic/claude-3-5-sonnet-20241022`) and stay whole.
    """
    plain = _visible(unicodedata.normalize("NFKC", text[:RAW_CHARS_MAX]))
    return cut(_SPACE.sub(" ", plain.translate(_FORM)).strip(), chars_max=MODEL_CHARS_MAX)


def name(text: str) -> str:
    """A name as it may stand in a table: quoted, short, without a comma."""
    return quoted(text, chars_max=NAME_CHARS_MAX).replace(",", " ") or "-"


def fence_code(lines: Iterable[str]) -> str:
    """The code of a request's fences: it follows from everything the request says.

    The same content always has the same code; a text that wanted to carry the code would have to carry a digest of
    itself.
    """
    digest = hashlib.sha256(b"quorate fence\n")
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()[:FENCE_HEX]


def fenced(kind: str, lines: Sequence[str], *, code: str) -> list[str]:
    """Quoted lines between their fences."""
    return [f"[[data {code} {kind}]]", *lines, f"[[end {code}]]"]


def count_tokens(text: str) -> int:
    """An upper estimate of how many tokens any of the models makes of `text`, without any model's tokenizer.

    Two letters are one token; every digit, sign, line break and every byte beyond ASCII is one; a space is one unless a
    letter follows. Known tokenizers need fewer: common words are one token, digits come in groups of up to three.
    Counts add up over lines.
    """
    return len(_TOKEN.findall(text.encode()))
