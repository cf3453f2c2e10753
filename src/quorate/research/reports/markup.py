"""HTML and SVG put together from pieces: whatever is not markup already is escaped, so that no name becomes a tag."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that no document may hold."""
VOID = {"meta", "br", "input", "col", "path", "line", "rect", "circle", "polygon", "use"}
Align = Literal["text", "number"]


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def markup(text: str) -> Html:
    """The text as markup: itself where it is that already, escaped where it is not."""
    return text if isinstance(text, Html) else Html(escape(CONTROL.sub("\ufffd", text)))


def joined(pieces: Iterable[str]) -> Html:
    """All pieces one after the other."""
    return Html("".join(markup(piece) for piece in pieces))


def tag(kind: str, /, *children: str, **attributes: str | float | None) -> Html:
    """One element. Attributes that are None are left out; `class_` is `class`, `aria_label` is `aria-label`."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{markup(value if isinstance(value, str) else f"{value:g}")}"'
        for key, value in attributes.items()
        if value is not None
    )
    if kind in VOID and not children:
        return Html(f"<{kind}{told}/>")
    return Html(f"<{kind}{told}>{joined(children)}</{kind}>")


def paragraphs(sentences: Iterable[str], *, class_: str | None = None) -> Html:
    """Each sentence in a paragraph of its own."""
    return joined(tag("p", sentence, class_=class_) for sentence in sentences if sentence)


def section(name: str, title: str, *children: str) -> Html:
    """A part of the page with its heading."""
    head = tag("h2", title, id=f"{name}-title")
    return tag("section", head, *children, id=name, aria_labelledby=f"{name}-title")


def unfolding(summary: str, *children: str, class_: str | None = None) -> Html:
    """Something that is shown when asked for, and in print."""
    return tag("details", tag("summary", summary), *children, class_=class_)


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    align: Sequence[Align] = (),
    class_: str | None = None,
) -> Html:
    """A table whose first column heads its rows; columns are numbers unless `align` says otherwise.

    It lies in a box that scrolls sideways where the screen is narrow.
    """
    kinds = [*align, *("number" for _ in head)][: len(head)] if align else ["text", *("number" for _ in head[1:])]
    marks = [None if kind == "text" else "n" for kind in kinds]
    heads = [tag("th", name, scope="col", class_=mark) for name, mark in zip(head, marks, strict=True)]
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row", class_=marks[0]),
            *(tag("td", cell, class_=mark) for cell, mark in zip(row[1:], marks[1:], strict=True)),
        )
        for row in rows
    ]
    made = tag("table", tag("caption", caption), tag("thead", tag("tr", *heads)), tag("tbody", *body), class_=class_)
    return scrolling(caption, made)


def scrolling(label: str, *children: str) -> Html:
    """A box that scrolls sideways by mouse, finger and keyboard."""
    return tag("div", *children, class_="scroll", tabindex="0", role="group", aria_label=label)


def figure(drawing: str, caption: str, *more: str) -> Html:
    """A drawing with what it shows, in words."""
    return tag("figure", scrolling(_plain(caption), drawing), tag("figcaption", caption), *more)


def _plain(text: str) -> str:
    """The text without its markup, for a label."""
    return Html(re.sub("<[^>]*>", "", text)) if isinstance(text, Html) else text
