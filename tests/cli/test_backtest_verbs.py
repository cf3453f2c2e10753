"""The verbs of research as a user types them: what they print, where they write, what they end with."""

import json
from pathlib import Path

import pytest

from quorate.cli.main import outcome
from quorate.cli.options import several_after_one
from tests.crash.made_candles import make_candles

RANGE = ("--timerange", "20250103-20250112")


@pytest.fixture(scope="module")
def candles(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("candles")
    make_candles(folder, ["BTC/USDT", "ETH/USDT"], days=12)
    return folder


@pytest.fixture
def quorate(candles, capsys, monkeypatch, tmp_path):
    """Run one command in an empty folder; gives its exit code, what it printed and what it said."""
    monkeypatch.chdir(tmp_path)

    def quorate(*arguments: str) -> tuple[int, str, str]:
        code = outcome([*arguments, "--data-dir", str(tmp_path / "state")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return quorate


def asked(candles: Path, *more: str) -> tuple[str, ...]:
    return ("--data", str(candles), *RANGE, "--no-baselines", "--look-ahead", "4", *more)


class TestBacktest:
    def test_json_is_one_document_and_a_file_of_it_is_the_same(self, quorate, candles, tmp_path):
        out, html = tmp_path / "run.json", tmp_path / "run.html"
        code, printed, said = quorate(
            "backtest",
            "--strategy",
            "breakout",
            "trend",
            *asked(candles, "--json", "--out", str(out), "--html", str(html)),
        )
        assert code == 0
        document = json.loads(printed)
        assert document["format"] == "quorate.backtest/1"
        assert document["strategies"] == ["breakout", "trend"]
        assert document["engine"] == "compiled"
        assert json.loads(out.read_text()) == document
        assert "<title>" in html.read_text()
        assert f"Wrote {html}." in said
        assert f"Wrote {out}." in said

    def test_a_person_reads_what_it_came_to_and_what_was_assumed(self, quorate, candles):
        code, printed, said = quorate("backtest", "--strategy", "breakout", *asked(candles, "--pairs", "BTC/USDT"))
        assert code == 0
        for word in (
            "breakout on BTC/USDT",
            "Sharpe ratio",
            "Liquidation",
            "Funding",
            "No look-ahead at",
            "Expectancy in R",
        ):
            assert word in printed
        assert said == ""

    def test_the_desk_is_another_engine_with_its_portfolios(self, quorate, candles):
        code, printed, _ = quorate(
            "backtest", "--strategy", "breakout", "--engine", "desk", *asked(candles, "--json", "--leverage", "2")
        )
        assert code == 0
        document = json.loads(printed)
        assert document["engine"] == "event"
        assert list(document["curves"]) == ["strategies", "total"]
        assert document["costs"]["liquidation"] == "leverage: strategies 2 (perp)"

    def test_a_strategy_that_looks_ahead_ends_it_with_1_after_the_report(self, quorate, candles, tmp_path):
        assert outcome(["strategy", "new", "seer", "--strategy-path", str(tmp_path / "own"), "--no-test"]) == 0
        file = tmp_path / "own" / "seer.py"
        ahead = "entry = bars.close[np.minimum(rows + 1, len(bars) - 1)]"
        file.write_text(file.read_text().replace("entry = bars.close[rows]", ahead))
        code, printed, _ = quorate(
            "backtest", "--strategy", "seer", "--strategy-path", str(tmp_path / "own"), *asked(candles)
        )
        assert code == 1
        assert "It looks ahead: seer" in printed

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (("--strategy", "brakout"), "There is no strategy called brakout. Did you mean breakout?"),
            (("--without", "fees", "luck"), "no cost is called luck; there are fees, spread"),
            (("--fee", "a lot"), "a lot is not a number of zero or more"),
            (("--start-equity", "nan"), "nan is not a number of zero or more"),
            (("--look-ahead", "some"), "some is neither a number above zero nor full"),
            (("--pairs", "DOGE/USDT"), "DOGE"),
            (("--timeframe", "7m"), "7m"),
            (("--engine", "desk", "--tie", "optimistic"), "The desk trades by its own conventions"),
            (("--engine", "compiled", "--council", "nobody.jsonl"), "cannot be read"),
        ],
    )
    def test_what_makes_no_sense_is_one_sentence_and_exit_code_2(self, quorate, candles, more, said):
        code, printed, told = quorate("backtest", *asked(candles), *more)
        assert (code, printed) == (2, "")
        assert said in told
        assert told.startswith("quorate: ")
        assert len(told.splitlines()) == 1

    def test_without_candles_it_says_where_they_come_from(self, quorate):
        code, _, told = quorate("backtest", "--strategy", "trend")
        assert code == 2
        assert "Give the folder of your candles with --data, or fill the store" in told


class TestVerify:
    def test_a_strategy_that_fails_ends_it_with_1_and_every_reason(self, quorate, candles):
        quick = ("--data", str(candles), *RANGE, "--look-ahead", "4", "--traders", "200", "--folds", "3")
        code, printed, _ = quorate("verify", "breakout", *quick, "--json")
        assert code == 1
        told = json.loads(printed)
        assert told["passed"] is False
        (only,) = told["strategies"]
        assert only["strategy"] == "breakout"
        assert len(only["checks"]) == 10
        assert all(check["reason"] for check in only["checks"])
        code, printed, _ = quorate("verify", "breakout", *quick)
        assert code == 1
        assert "breakout: fail" in printed
        assert "no look-ahead" in printed
        assert "It failed" in printed

    def test_it_wants_at_least_one_strategy_that_there_is(self, quorate, candles):
        code, _, told = quorate("verify")
        assert code == 2
        assert "STRATEGY" in told
        code, _, told = quorate("verify", "brakout", "--data", str(candles))
        assert code == 2
        assert "Did you mean breakout?" in told


class TestStrategyNew:
    def test_it_writes_both_files_runs_the_test_and_says_how_to_go_on(self, capsys, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        assert outcome(["strategy", "new", "idea"]) == 0
        said = capsys.readouterr()
        assert "strategies/tests/test_idea.py, passes" in said.out
        assert "quorate backtest --strategy idea --strategy-path strategies" in said.out
        assert (tmp_path / "strategies" / "idea.py").is_file()
        assert outcome(["strategy", "list", "--strategy-path", "strategies", "--json"]) == 0
        assert "idea" in [each["name"] for each in json.loads(capsys.readouterr().out)["strategies"]]
        assert outcome(["strategy", "new", "idea"]) == 2
        assert "already" in capsys.readouterr().err

    def test_the_folder_of_the_settings_is_where_it_goes(self, capsys, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine").mkdir()
        (tmp_path / "quorate.toml").write_text(f'[strategies]\nfolder = "{tmp_path}/mine"\n')
        assert outcome(["strategy", "new", "idea", "--no-test", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == {
            "strategy": f"{tmp_path}/mine/idea.py",
            "test": f"{tmp_path}/mine/tests/test_idea.py",
            "tested": False,
            "passed": None,
        }


class TestLookingBack:
    def test_replay_without_verify_says_what_there_is(self, quorate):
        code, _, told = quorate("replay")
        assert code == 2
        assert "say --verify" in told
        assert "quorate up --feed replay" in told

    def test_gap_wants_candles(self, quorate):
        code, _, told = quorate("gap")
        assert code == 2
        assert "--data" in told


def test_options_that_take_several_values_gather_the_words_after_them():
    typed = ["--strategy", "a", "b", "--pairs", "X/Y", "Z/Y", "--without", "fees", "--json", "c"]
    assert several_after_one(typed) == ["--strategy", "a,b", "--pairs", "X/Y,Z/Y", "--without", "fees", "--json", "c"]
