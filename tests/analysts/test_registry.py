"""Strategies by name, and files dropped into a folder."""

import re
from pathlib import Path

import pytest

from quorate.analysts.bar_reaction import BarReactionParameters
from quorate.analysts.base import evaluate
from quorate.analysts.registry import (
    STRATEGIES,
    BadParameters,
    BadStrategyFile,
    UnknownStrategy,
    load_strategies,
    make_strategy,
)
from quorate.domain.policy import Costs, CouncilPolicy, DeskPolicy
from tests.analysts.synthetic import MARKET, wild_bars

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"
WITHOUT = ("parameters: ThreeBarsParameters = field(default_factory=ThreeBarsParameters)", "parameters: int = 3")
EXAMPLE = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]


def test_every_strategy_and_analyst_of_the_default_policy_exists():
    for name in (*DeskPolicy().strategies, *CouncilPolicy().panel):
        assert make_strategy(name, costs=Costs()).name == name
    assert list(STRATEGIES) == sorted(STRATEGIES)


def test_parameters_are_checked_against_the_strategys_own_model():
    strategy = make_strategy("bar_reaction", costs=Costs(), parameters={"mode": "revert", "targets_atr": [1, 2]})
    assert strategy.parameters == BarReactionParameters(mode="revert", targets_atr=(1.0, 2.0))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"trigger": 3}, "Strategy bar_reaction has no parameter trigger. Did you mean trigger_bps?"),
        ({"mode": "sideways"}, "mode: Input should be 'trend' or 'revert'"),
        ({"trigger_bps": "many"}, "trigger_bps: Input should be a valid number"),
        ({"trigger_bps": 50}, "fade_bps over trigger_bps"),
        ({"timeframe": "7m"}, "asks for bars of 7m. Choose from 1m, 5m"),
    ],
)
def test_a_wrong_parameter_is_one_sentence_that_says_what_to_do(parameters: dict[str, object], sentence: str):
    with pytest.raises(BadParameters, match=re.escape(sentence)):
        make_strategy("bar_reaction", costs=Costs(), parameters=parameters)


def test_an_unknown_strategy_is_told_with_the_nearest_known_one():
    with pytest.raises(UnknownStrategy, match="no strategy called breakouts"):
        make_strategy("breakouts", costs=Costs())


def test_the_example_of_the_documentation_works_when_dropped_into_a_folder(tmp_path: Path):
    (tmp_path / "three_bars.py").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "_notes.py").write_text("raise RuntimeError", encoding="utf-8")
    classes = load_strategies(tmp_path)
    assert set(classes) == {*STRATEGIES, "three_bars"}
    strategy = make_strategy("three_bars", costs=Costs(), parameters={"target_atr": 3}, classes=classes)
    bars = wild_bars(1, 400, timeframe="1h")
    whole = evaluate(strategy, bars, MARKET)
    assert len(whole) > 10
    assert evaluate(strategy, bars.between(0, 300), MARKET).rows.tolist() == whole.rows[whole.rows < 300].tolist()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nothing_like_this", "mine.py does not load: ModuleNotFoundError"),
        ("def broken(:", "mine.py does not load: SyntaxError"),
        ("answer = 42", "mine.py holds no strategy"),
        ("class Mine:\n    def setups(self): ...", "cannot be made: TypeError"),
        ("class Mine:\n    def __init__(self, **_): ...\n    def setups(self): ...", "lacks name, timeframe"),
        (
            EXAMPLE.replace(*WITHOUT).replace("self.parameters.timeframe", "'1h'"),
            "are no dataclass",
        ),
        (EXAMPLE.replace('"three_bars"', '"trend"'), "a strategy called trend, but the desk itself has one"),
        (EXAMPLE.replace('"three_bars"', '"Three Bars"'), "names its strategy 'Three Bars'"),
        (EXAMPLE + "\n\nclass Again(ThreeBars):\n    pass\n", "defines two strategies called three_bars"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, text: str, sentence: str):
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    with pytest.raises(BadStrategyFile, match=re.escape(sentence)):
        load_strategies(tmp_path)


def test_two_files_cannot_share_a_name(tmp_path: Path):
    for name in ("first", "second"):
        (tmp_path / f"{name}.py").write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(BadStrategyFile, match=r"second\.py defines a strategy called three_bars, but first\.py"):
        load_strategies(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(BadStrategyFile, match="does not exist"):
        load_strategies(tmp_path / "nowhere")
