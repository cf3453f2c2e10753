"""The page about the council says what the code does."""

import re
from pathlib import Path

from quorate.analysts import answer, prompt_text
from quorate.analysts.answer import Fault
from quorate.analysts.consulting import Deadlines
from quorate.analysts.prompt import COMPACT, FULL
from quorate.analysts.prompt_inputs import COLUMNS
from tests.analysts.injection.payloads import PAYLOADS

PAGE = (Path(__file__).parents[2] / "docs" / "council.md").read_text(encoding="utf-8")


def test_every_column_and_every_fault_is_explained():
    for column in COLUMNS:
        assert f"`{column.heading}`" in PAGE
    codes = re.findall(r"_Illegible\(\s*\"(\w+)\"|code=\"(\w+)\"", Path(answer.__file__).read_text(encoding="utf-8"))
    named = {first or second for first, second in codes}
    table = PAGE.partition("| fault |")[2].partition("\n\n")[0]
    assert named == set(re.findall(r"^\| `(\w+)` \| [^|]* \|$", table, re.MULTILINE))
    assert all(code in (Fault.__doc__ or "") for code in named)


def test_the_classes_are_as_written():
    for template in (FULL, COMPACT):
        columns = " ".join(f"`{heading}`" for heading in template.columns) or "all"
        row = (
            f"| `{template.version}` | {template.tokens_max:,} tokens | {template.coins_max} "
            f"| {', '.join(template.timeframes)} | {columns} | {template.lessons_max} | {template.quotes_max} |"
        )
        assert row in PAGE


def test_the_limits_are_as_written():
    assert f"{answer.ANSWER_CHARS_MAX:,} characters" in PAGE
    assert f"over {answer.VOTES_MAX} votes" in PAGE
    assert f"({answer.REPAIR_TOKENS_MAX:,}\ntokens)" in PAGE
    assert f"{prompt_text.QUOTE_CHARS_MAX} characters" in PAGE
    assert f"{Deadlines().cycle_s:.0f} s of the scan" in PAGE
    assert f"| one call | {Deadlines().call_s:.0f} s |" in PAGE
    assert f"runs {len(PAYLOADS)} payloads" in PAGE
