"""A new strategy works as it was written: it loads, keeps its promises, and its own test passes."""

import subprocess
import sys

import pytest

from quorate.analysts.registry import BadParameters, load_strategies, make_strategy
from quorate.domain.errors import BadInput
from quorate.domain.policy import Costs
from quorate.research.new_strategy import write_strategy
from quorate.research.strategy_promises import broken_promises


def test_what_is_written_loads_and_keeps_every_promise(tmp_path):
    written = write_strategy("two_ways", tmp_path / "mine", taken=["trend"])
    classes = load_strategies(written.strategy.parent)
    strategy = make_strategy("two_ways", costs=Costs(), classes=classes)
    assert type(strategy).__name__ == "TwoWays"
    assert "example" not in written.strategy.read_text().lower()
    assert broken_promises(strategy) == ()


def test_its_own_test_passes_and_fails_once_the_strategy_is_spoilt(tmp_path):
    written = write_strategy("idea", tmp_path, taken=())

    def run():
        return subprocess.run([sys.executable, written.test], capture_output=True, text=True, check=False)

    assert run().returncode == 0
    text = written.strategy.read_text()
    written.strategy.write_text(
        text.replace("moves = np.sign(np.diff(bars.close,", "moves = -np.sign(np.diff(bars.close,")
    )
    assert run().returncode != 0
    ahead = text.replace("entry = bars.close[rows]", "entry = bars.close[np.minimum(rows + 1, len(bars) - 1)]")
    written.strategy.write_text(ahead)
    assert "It looks ahead: idea" in run().stderr


def test_its_parameters_are_bounded_with_a_sentence(tmp_path):
    written = write_strategy("idea", tmp_path, taken=())
    classes = load_strategies(written.strategy.parent)
    with pytest.raises(BadParameters, match=r"run is a number of bars from 1 to 20, not 0"):
        make_strategy("idea", costs=Costs(), classes=classes, parameters={"run": 0})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("My Idea", "Use lower_snake_case, like my_idea"),
        ("3bars", "like my_strategy"),
        ("class", "cannot be the name"),
        ("_own", "like own"),
        ("../up", "like up"),
        ("x" * 41, "longer than 40"),
        ("trend", "There is a strategy called trend already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(tmp_path, name, said):
    with pytest.raises(BadInput, match=said):
        write_strategy(name, tmp_path / "mine", taken=["trend"])
    assert not (tmp_path / "mine").exists()


def test_nothing_is_ever_overwritten(tmp_path):
    (tmp_path / "tests").mkdir()
    kept = tmp_path / "tests" / "test_idea.py"
    kept.write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        write_strategy("idea", tmp_path, taken=())
    assert kept.read_text() == "mine"
    assert not (tmp_path / "idea.py").exists()
    kept.unlink()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written to"):
        write_strategy("idea", tmp_path / "file" / "folder", taken=())
