"""What each verb asks of the house, what it prints, and what it ends with."""

import errno
import json
import signal
import socket
import subprocess
import sys
import tempfile

import pytest

import quorate as package
from quorate.domain.errors import BadInput, QuorateError, Refused, Unavailable
from tests.cli.conftest import ADJUSTMENT


@pytest.fixture
def candles(tmp_path):
    folder = tmp_path / "candles"
    folder.mkdir()
    return str(folder)


@pytest.fixture
def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class TestHelp:
    def test_help_lists_the_verbs_and_takes_less_than_0_4_s_of_work(self):
        program = "import atexit, sys, time\natexit.register(lambda: print(time.process_time(), file=sys.stderr))\n"
        program += "from quorate.cli.main import main\nmain()"
        told = [
            subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True)
            for _ in range(3)
        ]
        for verb in (
            "up",
            "api",
            "feed",
            "worker",
            "scan",
            "monitor",
            "evaluate",
            "optimize",
            "journal",
            "strategy",
            "doctor",
        ):
            assert f"\n  {verb} " in told[0].stdout
        assert min(float(one.stderr) for one in told) < 0.4

    def test_help_imports_nothing_heavy(self):
        code = (
            "import sys\nfrom quorate.cli.main import outcome\noutcome(['--help'])\n"
            "heavy = {'pydantic', 'rich', 'numpy', 'polars', 'fastapi', 'asyncpg', 'ccxt', 'asyncio'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

    def test_the_version_is_the_packages(self, quorate):
        code, out, _ = quorate("--version")
        assert (code, package.__version__ in out) == (0, True)

    def test_every_verb_has_help_of_its_own(self, quorate):
        from quorate.cli.main import command

        for name, verb in command.commands.items():
            code, out, _ = quorate(name, "--help")
            assert code == 0
            assert verb.help
            assert "Usage: quorate" in out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["upp"], "No such command 'upp'"),
            (["up", "--prot", "1"], "No such option"),
            (["up", "--port"], "requires an argument"),
            (["strategy", "lits"], "No such command"),
            (["scan", "BTC/USDT"], "unexpected extra argument"),
            (["council", "prompt"], "one of them"),
            (["council", "prompt", "BTC", "--of", "1760000000000"], "one of them"),
        ],
    )
    def test_a_wrong_word_gets_one_sentence_and_2(self, quorate, arguments, said):
        code, out, err = quorate(*arguments)
        assert (code, out) == (2, "")
        assert said in err
        assert err.count("\n") == 1


class TestUp:
    def test_json_is_one_object_on_stdout_and_all_else_on_stderr(self, quorate, house, candles):
        code, out, err = quorate("up", "--feed", "replay", "--data", candles, "--exit", "--json", "--port", "0")
        assert code == 0
        assert out.count("\n") == 1
        result = json.loads(out)
        assert result["candles"] == 2_016
        assert result["signals"] == {"total": 9, "gold": 1, "silver": 2, "single": 6}
        assert result["trades"] == 7
        assert result["quarantined"] == {"ADA/USDT": 6, "XRP/USDT": 1_200}
        assert result["portfolios"]["aggressive"] == {
            "equity": "10012.50",
            "cash": "9990.10",
            "return_pct": "0.125",
            "trades": 4,
        }
        assert result["state_hash"] == "ab" * 32
        assert "binance did not answer within 5 s" in err
        assert house.roles == {"feed", "worker", "api"}

    def test_without_json_a_table_ends_the_run(self, quorate, candles):
        code, out, err = quorate("up", "--feed", "replay", "--data", candles, "--exit", "--port", "0")
        assert code == 0
        assert "aggressive" in out
        assert "10,012.50" in out
        assert "ab" * 32 in out.replace("\n", "")
        assert "Warning: One candle was refused." in err

    @pytest.mark.parametrize(
        "pairs",
        [
            ["--pairs", "BTC/USDT", "ETH/USDT"],
            ["--pairs", "BTC/USDT,ETH/USDT"],
            ["--pairs", "ETH/USDT", "--pairs", "BTC/USDT"],
            ["--pairs=BTC/USDT", "ETH/USDT"],
            ["--pairs", "btc/usdt,", "eth/usdt"],
        ],
    )
    def test_pairs_may_be_written_in_every_usual_way(self, quorate, house, pairs):
        code, _, err = quorate("up", *pairs, "--port", "0")
        assert (code, house.settings.feed.pairs) == (0, ("BTC/USDT", "ETH/USDT")), err

    def test_every_option_is_the_setting_it_is_named_after(self, quorate, house, candles, tmp_path):
        code, _, err = quorate(
            *("up", "--feed", "replay", "--data", candles, "--timeframe", "15m", "--timerange", "20250201-20250301"),
            *("--speed", "60", "--seed", "9", "--exchange", "kraken", "--account", "mine", "--rearm", "never"),
            *("--host", "localhost", "--port", "0", "--data-dir", str(tmp_path / "state"), "--no-redis"),
            *("--database-url", "postgresql://q@db/q", "--redis-url", "redis://r:1/0", "--log-level", "error"),
        )
        assert code == 0, err
        settings = house.settings
        assert (settings.feed.timeframe, settings.feed.timerange) == ("15m", "20250201-20250301")
        assert (settings.feed.pace, settings.feed.seed, settings.feed.exchange) == (60, 9, "kraken")
        assert (settings.account, settings.desk.breakers.rearm) == ("mine", "never")
        assert (settings.api.host, settings.data_dir) == ("localhost", tmp_path / "state")
        assert (settings.store.redis, settings.log.level) == ("off", "error")
        assert settings.store.database_url.get_secret_value() == "postgresql://q@db/q"

    def test_zero_is_a_value(self, quorate, house):
        assert quorate("up", "--seed", "0", "--port", "0")[0] == 0
        assert (house.settings.feed.seed, house.settings.api.port) == (0, 0)

    def test_options_go_before_the_file(self, quorate, house, tmp_path):
        (tmp_path / "quorate.toml").write_text("[feed]\nseed = 5\nexchange = 'kraken'")
        quorate("up", "--seed", "6", "--port", "0")
        assert (house.settings.feed.seed, house.settings.feed.exchange) == (6, "kraken")

    @pytest.mark.parametrize(("verb", "role"), [("api", "api"), ("feed", "feed"), ("worker", "worker")])
    def test_a_role_runs_alone(self, quorate, house, verb, role, free_port):
        assert quorate(verb, *(["--port", free_port] if verb == "api" else []))[0] == 0
        assert house.roles == {role}

    def test_a_port_in_use_is_told_before_anything_starts(self, quorate, house):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            code, out, err = quorate("up", "--port", str(port))
        assert (code, out) == (3, "")
        assert err == (
            f"quorate: Port {port} on 127.0.0.1 is in use. Is a desk running already? If not, try --port {port + 1}.\n"
        )
        assert house.settings is None

    def test_a_host_that_is_not_ours_is_bad_input(self, quorate):
        code, _, err = quorate("up", "--host", "192.0.2.1", "--port", "0")
        assert (code, "api.token" in err) == (4, True)

    def test_waiting_for_the_end_of_a_feed_that_never_ends_is_bad_input(self, quorate):
        code, _, err = quorate("up", "--exit")
        assert (code, "this one never ends" in err) == (2, True)

    def test_a_simulated_past_can_be_run_to_its_end(self, quorate, house):
        arguments = ("--feed", "simulated", "--timerange", "20250101-20250102", "--exit", "--json", "--port", "0")
        assert quorate("up", *arguments)[0] == 0
        assert house.settings.feed.timerange == "20250101-20250102"

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["--port", "seven"], 2, "(--port)"),
            (["--feed", "reply"], 2, "(--feed)"),
            (["--feed", "replay"], 2, "--data DIR"),
            (["--feed", "replay", "--data", "nowhere"], 2, "There is no folder"),
            (["--timerange", "2025"], 2, "(--timerange)"),
            (["--pairs", "BTCUSDT"], 2, "write it as BTC/USDT"),
            (["--speed", "fast"], 2, "(--speed)"),
            (["--rearm", "daily"], 2, "neither never nor weekly"),
            (["--database-url", "http://x"], 2, "postgresql://"),
            (["--redis-url", "x"], 2, "redis://"),
            (["--config", "none.toml"], 2, "none.toml"),
            (["--host", "0.0.0.0"], 4, "api.token"),
        ],
    )
    def test_bad_input_gets_one_sentence_and_its_code(self, quorate, house, arguments, code, said):
        ended, out, err = quorate("up", *arguments)
        assert (ended, out) == (code, "")
        assert said in err
        assert err.count("\n") == 1
        assert house.settings is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
class TestStopping:
    def test_a_service_that_is_told_to_end_has_done_well(self, quorate, house):
        house.stopped_by = signal.SIGTERM
        assert quorate("up", "--port", "0")[0] == 0

    @pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_a_run_that_was_cut_short_prints_no_result(self, quorate, house, candles, by, code):
        house.stopped_by = by
        ended, out, err = quorate("up", "--feed", "replay", "--data", candles, "--exit", "--json", "--port", "0")
        assert (ended, out) == (code, "")
        assert err.endswith("Stopped.\n")

    def test_ctrl_c_is_130_whatever_runs(self, quorate, house):
        house.stopped_by = signal.SIGINT
        assert quorate("up", "--port", "0")[0] == 130


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (BadInput("It makes no sense.", hint="Do it otherwise."), 2, "It makes no sense. Do it otherwise."),
            (Unavailable("Nothing answers."), 3, "Nothing answers."),
            (Refused("Another desk holds the account."), 4, "Another desk holds the account."),
            (QuorateError("Broken."), 1, "Broken."),
            (OSError(errno.ENOSPC, "No space left on device", "x"), 3, "No space left on device (x). Make room"),
            (OSError(errno.EADDRINUSE, "Address already in use"), 3, "Choose another --port"),
            (ExceptionGroup("tasks", [ValueError("noise"), Unavailable("Nothing answers.")]), 3, "Nothing answers."),
            (ExceptionGroup("a", [ExceptionGroup("b", [OSError(errno.EACCES, "Permission denied")])]), 3, "--data-dir"),
        ],
    )
    def test_an_operating_error_is_one_sentence(self, quorate, house, error, code, said):
        house.fails = error
        ended, out, err = quorate("up", "--port", "0")
        assert (ended, out) == (code, "")
        assert said in err
        assert "Traceback" not in err

    @pytest.mark.parametrize("error", [KeyError("bug"), ExceptionGroup("tasks", [KeyError("bug")])])
    def test_a_fault_of_ours_is_one_sentence_too_and_its_traceback_a_file(
        self, quorate, house, error, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        house.fails = error
        code, out, err = quorate("up", "--port", "0")
        (kept,) = tmp_path.glob("quorate-fault-*.txt")
        assert (code, out) == (1, "")
        assert err.startswith("quorate: A fault of ours ended this: KeyError: 'bug'. Please report it,")
        assert err.endswith(f" with what {kept} says.\n")
        assert "Traceback" in kept.read_text()

    def test_a_slip_in_a_verb_is_answered_with_the_nearest_one(self, quorate):
        code, _, err = quorate("upp")
        assert (code, err) == (2, "quorate: No such command 'upp'. Did you mean 'up'? See `quorate --help`.\n")


class TestJobs:
    @pytest.mark.parametrize(
        ("verb", "job"), [("scan", "scan"), ("monitor", "monitor-positions"), ("evaluate", "evaluate-positions")]
    )
    def test_a_job_by_hand_prints_its_answer(self, quorate, house, verb, job):
        code, out, _ = quorate(verb, "--json")
        assert (code, house.job, json.loads(out)) == (0, job, house.answer)
        code, out, _ = quorate(verb)
        assert (code, "cycle" in out) == (0, True)

    def test_the_optimizer_runs_now_and_tells_what_it_looked_at(self, quorate, house):
        house.answer = {"success": True, "version": 3, "adjustments": [ADJUSTMENT]}
        code, out, _ = quorate("optimize")
        assert (code, house.job, house.body) == (0, "optimize", None)
        assert "9 trades, 9 won" in out
        assert "version" in out
        code, out, _ = quorate("optimize", "--json")
        assert (code, json.loads(out)) == (0, house.answer)

    def test_an_earlier_version_is_gone_back_to_by_its_number(self, quorate, house):
        house.answer = {"success": True, "version": 4, "revertsTo": 0, "changed": True}
        code, out, _ = quorate("optimize", "--revert", "0", "--json")
        assert (code, json.loads(out)) == (0, house.answer)
        assert (house.job, house.body) == ("optimize-revert", {"version": 0, "by": "cli"})
        assert quorate("optimize", "--revert", "-1")[0] == 2
        assert quorate("optimize", "--revert", "last")[0] == 2

    def test_what_holds_now_is_shown_without_running_anything(self, quorate, house):
        code, out, _ = quorate("optimize", "--show")
        assert (code, house.job) == (0, None)
        assert "9 trades, 9 won" in out
        assert "2025-01-01T00:00:00Z" in out
        assert json.loads(quorate("optimize", "--show", "--json")[1])["weights"] == {"trend": "1.2"}
        assert quorate("optimize", "--show", "--revert", "1")[0] == 2

    def test_a_job_that_failed_ends_with_1(self, quorate, house):
        house.answer = {"success": False, "error": "no candles yet"}
        code, out, _ = quorate("scan", "--json")
        assert (code, json.loads(out)["error"]) == (1, "no candles yet")


class TestJournal:
    def test_a_whole_journal_ends_with_0_and_a_broken_one_with_5(self, quorate, house):
        code, out, _ = quorate("journal", "verify", "--json", "--account", "paper")
        assert (code, json.loads(out)["entries"]) == (0, 12)
        house.report = {"ok": False, "entries": 4, "fault": "entry 1-5 does not follow 1-4"}
        assert quorate("journal", "verify")[0] == 5

    def test_f37_that_it_was_restored_is_said_with_a_reason(self, quorate, house):
        code, out, _ = quorate("journal", "restored", "--reason", " the disk was lost ", "--by", "Ada", "--json")
        assert (code, json.loads(out)) == (0, {"ok": True, "epoch": 2, "by": "Ada", "reason": "the disk was lost"})
        for bad in ("", "  ", "x" * 501):
            code, _, err = quorate("journal", "restored", "--reason", bad)
            assert (code, "1 to 500 characters" in err) == (2, True)
        assert quorate("journal", "restored")[0] == 2

    def test_it_is_exported_to_stdout_or_a_new_file(self, quorate, tmp_path):
        code, out, err = quorate("journal", "export")
        assert (code, out, err) == (0, '{"seq": 1}\n', "1 entries.\n")
        target = tmp_path / "journal.jsonl"
        assert quorate("journal", "export", "--out", str(target))[0] == 0
        assert target.read_text() == '{"seq": 1}\n'
        code, _, err = quorate("journal", "export", "--out", str(target))
        assert (code, "exists already" in err) == (2, True)
        code, _, err = quorate("journal", "export", "--out", str(tmp_path / "no" / "such"))
        assert (code, "cannot be written" in err) == (2, True)


class TestStrategies:
    def test_they_are_listed_with_what_they_do(self, quorate):
        code, out, _ = quorate("strategy", "list")
        assert code == 0
        assert "fast=20, slow=50" in out
        code, out, _ = quorate("strategy", "list", "--json")
        trend, mine = json.loads(out)["strategies"]
        assert trend["votes"]
        assert trend["publishes"]
        assert not mine["votes"]
