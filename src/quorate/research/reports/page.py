"""The document around a report: its style and its one script are inside, and everything else is locked out."""

import hashlib
from base64 import b64encode
from importlib.resources import files

from quorate.research.reports.markup import Html, tag


def page(title: str, *body: str, foot: str) -> str:
    """A whole document around its parts, with its style and script inside and everything else locked out."""
    style, script = _own("page.css"), _own("page.js")
    own = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Quorate"),
        Html(f"<style>{style}</style>"),
    )
    skip = tag("a", "Skip to the report", href="#main", class_="skip")
    main = tag("main", *body, id="main")
    whole = tag("body", skip, main, tag("footer", foot), Html(f"<script>{script}</script>"))
    return f"<!DOCTYPE html>\n{tag('html', head, whole, lang='en')}\n"


def _own(name: str) -> str:
    return files("quorate.research.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
