"""A report is one sound file that needs nothing, hides nothing, and believes no name."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from quorate.research.findings import Findings, LookAhead, Study, Verdict
from quorate.research.report import report_html, write_comparison, write_report
from quorate.research.reports import words
from quorate.research.reports.document import document_json
from tests.research.made_backtests import PAIRS, made_backtest, made_bars, made_findings, made_study, without_trades

YEAR_BYTES_MAX = 1_500_000
EVIL = "</title><script>alert('x')</script><img src=x onerror=alert(1)> & \"q\" \x00\x1b[31m"


def html_of(study: Study, *, days: int = 0) -> str:
    candles = {pair: made_bars(pair, days) for pair in PAIRS} if days else {}
    return report_html(study.backtest, study.findings, candles=candles)


def parsed(page: str) -> ElementTree.Element:
    """The page read as XML, which forgives nothing; style and script are the browser's business."""
    body = page.removeprefix("<!DOCTYPE html>\n")
    return ElementTree.fromstring(re.sub(r"(<(style|script)[^>]*>).*?(</\2>)", r"\1\3", body, flags=re.DOTALL))


def text_of(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


@pytest.fixture(scope="module")
def whole() -> str:
    return html_of(made_study(), days=75)


def test_a_report_is_well_formed_and_its_ids_are_its_own(whole: str) -> None:
    root = parsed(whole)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)) >= 10
    links = [each.get("href", "") for each in root.iter("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_a_report_refers_to_nothing_outside_of_it(whole: str) -> None:
    for each in parsed(whole).iter():
        assert each.tag not in {"link", "img", "iframe", "object", "embed", "form", "base"}
        assert not {"src", "srcset", "style", "onclick", "onload", "action"} & set(each.attrib)
        assert each.get("href", "#").startswith("#")
    outside = set(re.findall(r"https?://[^\s\"'<)]+", whole))
    assert outside <= {"http://www.w3.org/2000/svg"}, "the name of SVG is all that looks like an address"
    assert "url(" not in whole
    assert "@import" not in whole


def test_its_policy_lets_only_its_own_style_and_script_in(whole: str) -> None:
    policy = next(each.get("content", "") for each in parsed(whole).iter("meta") if each.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        own = re.search(rf"<{kind}>(.*?)</{kind}>", whole, re.DOTALL)
        assert own is not None
        digest = base64.b64encode(hashlib.sha256(own.group(1).encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_every_drawing_has_words_and_every_table_a_caption_and_heads(whole: str) -> None:
    root = parsed(whole)
    drawings = [each for each in root.iter("svg") if each.get("aria-hidden") != "true"]
    assert len(drawings) >= 10
    assert all(each.get("role") == "img" and len(each.get("aria-label", "")) > 20 for each in drawings)
    assert all(each.find("figcaption") is not None for each in root.iter("figure"))
    for table in root.iter("table"):
        assert table[0].tag == "caption"
        assert text_of(table[0])
        assert all(head.get("scope") for head in table.iter("th"))
    assert len(list(root.iter("h1"))) == 1


def test_names_and_titles_stay_text() -> None:
    study = made_study(title=EVIL)
    trades = tuple(replace(each, strategy=EVIL, reason=EVIL, regime=EVIL) for each in study.backtest.trades)
    backtest = replace(
        study.backtest,
        trades=trades,
        strategies=(EVIL,),
        parameters={EVIL: {EVIL: EVIL}},
        costs={EVIL: EVIL},
        conventions={EVIL: EVIL},
        estimated=(EVIL,),
        silent={EVIL: 1},
        warnings=(EVIL,),
        source=EVIL,
        curves={**study.backtest.curves, EVIL: study.backtest.curves["total"]},
        digest=EVIL,
    )
    findings = replace(
        study.findings,
        figures=tuple(replace(each, label=EVIL, definition=EVIL, basis=EVIL) for each in study.findings.figures),
        baselines=tuple(replace(each, label=EVIL, sentence=EVIL, measure=EVIL) for each in study.findings.baselines),
        look_ahead=LookAhead(verdict="found", sentence=EVIL, offences=(EVIL,)),
    )
    page = report_html(backtest, findings, candles={pair: made_bars(pair, 75) for pair in PAIRS})
    root = parsed(page)
    assert not list(root.iter("img"))
    assert page.count("<script") == 2, "the reader's numbers and the page's own"
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "alert('x')" in text_of(root), "what was written is shown as it was written"


def test_the_page_shows_every_figure_of_the_document_and_its_value() -> None:
    study = made_study()
    text = text_of(parsed(html_of(study)))
    told = {each["name"]: each for each in json.loads(document_json(study))["findings"]["figures"]}
    assert set(told) == {each.name for each in study.findings.figures}
    for each in study.findings.figures:
        value = told[each.name]["value"]
        read = None if value is None else Decimal(value) if isinstance(value, str) else value
        shown = words.told(replace(each, value=read), "USDT")
        assert f"{each.label} {each.definition} From {each.basis}." in text
        assert " ".join(shown.split()) in text, each.name
    assert "∞" in text
    assert words.UNTOLD in text


def test_it_works_with_nothing_but_a_backtest() -> None:
    text = text_of(parsed(report_html(made_backtest(), Findings())))
    assert "No figures were computed" in text
    assert "whether it beats luck is not known" in text
    assert "Look-ahead was not checked" in text
    assert "It was not compared with luck" in text


def test_it_works_without_trades_and_without_curves() -> None:
    text = text_of(parsed(html_of(without_trades(made_study()), days=2)))
    assert "there is nothing to judge" in text
    assert "carries no equity" in text


def test_without_candles_it_says_so_and_lists_the_trades() -> None:
    text = text_of(parsed(html_of(made_study())))
    assert "without candles" in text
    assert "Worst, best and last trades by R" in text


def test_look_ahead_outshouts_any_verdict() -> None:
    study = made_study()
    found = LookAhead(verdict="found", sentence="It looks ahead: breakout on BTC/USDT.")
    header = parsed(report_html(study.backtest, replace(study.findings, look_ahead=found))).find("body/main/header")
    assert header is not None
    assert "nothing below can be believed" in text_of(header)
    assert "Does not beat luck." not in text_of(header)


def test_costs_that_are_off_and_warnings_stand_at_the_top() -> None:
    header = parsed(html_of(made_study())).find("body/main/header")
    assert header is not None
    assert "Switched off, so not paid for: funding." in text_of(header)
    assert "breakout warms up inside the range." in text_of(header)


def test_the_same_backtest_gives_the_same_bytes() -> None:
    assert html_of(made_study(), days=75) == html_of(made_study(), days=75)


def test_a_year_of_five_minutes_stays_small(tmp_path: Path) -> None:
    backtest = made_backtest(trades=9_000, days=365)
    candles = {pair: made_bars(pair, 365) for pair in PAIRS}
    write_report(backtest, made_findings(backtest), tmp_path / "year.html", candles=candles)
    assert 100_000 < (tmp_path / "year.html").stat().st_size < YEAR_BYTES_MAX


def test_a_comparison_is_as_sound_and_as_careful(tmp_path: Path) -> None:
    first, second = made_study(), made_study(title=EVIL)
    changed = replace(second.backtest, trades=second.backtest.trades[:-3], costs={"fees": EVIL})
    write_comparison(first, Study(backtest=changed, findings=second.findings), tmp_path / "both.html")
    page = (tmp_path / "both.html").read_text(encoding="utf-8")
    root = parsed(page)
    assert page.count("<script") == 1
    assert not list(root.iter("img"))
    text = text_of(root)
    assert "117 trades equal, 0 with another result, 3 only in the first, 0 only in the second." in text
    assert "Only in the first" in text
    assert "cost: fees" in text


def test_sentences_of_the_verdict_have_the_minus_of_the_figures_and_keep_their_dates() -> None:
    backtest = made_backtest()
    said = Verdict(headline="It lost -0.05 R.", tone="against", sentences=("From 2025-01-02 on (-3.1 R).",))
    told = html_of(Study(backtest=backtest, findings=replace(made_findings(backtest), verdict=said)))
    assert "It lost −0.05 R." in told
    assert "From 2025-01-02 on (−3.1 R)." in told
