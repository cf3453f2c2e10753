"""Which account a desk comes back to: what its identity rests on, and what it does not."""

import pytest

from quorate.settings import Settings, account_of, decision_digest, replay_account
from quorate.settings_sources import SettingsFault


class TestIdentity:
    @pytest.fixture
    def replay(self, load, tmp_path):
        def replay(toml: str = "", **environment: str) -> Settings:
            environment = {"QUORATE__FEED__KIND": "replay", "QUORATE__FEED__DATA": str(tmp_path)} | environment
            return load(toml or "mode = 'paper'", **environment)

        return replay

    def test_the_same_replay_comes_back_to_its_account(self, replay):
        assert replay_account(replay(), recording="r") == replay_account(replay(), recording="r")
        assert account_of(replay(), kind="replay", recording="r").startswith("replay-")

    @pytest.mark.parametrize(
        "change",
        [
            {"QUORATE__FEED__TIMEFRAME": "15m"},
            {"QUORATE__FEED__PAIRS": "BTC/USDT"},
            {"QUORATE__FEED__TIMERANGE": "20250101-"},
            {"QUORATE__DESK__LIMITS__COLLAR_BPS": "150"},
            {"QUORATE__DESK__PORTFOLIOS__AGGRESSIVE__LEVERAGE": "2"},
            {"QUORATE__DESK__BREAKERS__REARM": "never"},
            {"QUORATE__JOBS__SCANNER": "*/15 * * * *"},
            {"QUORATE__STRATEGIES__PARAMETERS": '{"trend": {"fast": 10}}'},
        ],
    )
    def test_what_a_decision_depends_on_makes_another_account(self, replay, change):
        assert replay_account(replay(**change), recording="r") != replay_account(replay(), recording="r")

    def test_other_candles_make_another_account(self, replay):
        assert replay_account(replay(), recording="r") != replay_account(replay(), recording="s")

    @pytest.mark.parametrize(
        "change",
        [
            {"QUORATE__API__PORT": "1"},
            {"QUORATE__DATA_DIR": "elsewhere"},
            {"QUORATE__FEED__SPEED": "60"},
            {"QUORATE__LOG__LEVEL": "debug"},
            {"DATABASE_URL": "postgres://db/q"},
            {"QUORATE__JOBS__LIMIT_S": "10"},
            {"QUORATE__DESK__PORTFOLIOS__AGGRESSIVE__BASE_SHARE": "0.100"},
        ],
    )
    def test_what_no_decision_depends_on_keeps_the_account(self, replay, change):
        assert replay_account(replay(**change), recording="r") == replay_account(replay(), recording="r")

    def test_a_strategy_of_ones_own_counts_by_its_code(self, replay, tmp_path):
        own = tmp_path / "own"
        own.mkdir()
        (own / "mine.py").write_text("a = 1")
        before = replay_account(replay(QUORATE__STRATEGIES__FOLDER=str(own)), recording="r")
        (own / "mine.py").write_text("a = 2")
        assert replay_account(replay(QUORATE__STRATEGIES__FOLDER=str(own)), recording="r") != before

    def test_live_and_simulated_feeds_have_accounts_of_their_own(self):
        assert account_of(Settings(), kind="exchange") == "paper"
        assert account_of(Settings(), kind="simulated") == "simulated-7"
        assert account_of(Settings(account="mine"), kind="exchange") == "mine"
        digests = {decision_digest(Settings(), kind=kind) for kind in ("exchange", "simulated")}
        assert len(digests) == 2

    def test_a_simulated_past_has_an_account_of_its_own(self, load):
        simulated = {"QUORATE__FEED__KIND": "simulated"}
        accounts = {
            account_of(load(**simulated, QUORATE__FEED__TIMERANGE=text), kind="simulated")
            for text in ("", "20250101-20250201", "20250101-20250301")
        }
        assert len(accounts) == 3
        assert all(account.startswith("simulated-7") for account in accounts)

    def test_which_feeds_end_by_themselves(self, load, tmp_path):
        ending = {"QUORATE__FEED__KIND": "simulated", "QUORATE__FEED__TIMERANGE": "20250101-20250201"}
        assert load(**ending).feed.ends
        assert not load(**ending | {"QUORATE__FEED__TIMERANGE": "20250101-"}).feed.ends
        assert load(QUORATE__FEED__KIND="replay", QUORATE__FEED__DATA=str(tmp_path)).feed.ends
        assert not load().feed.ends

    def test_settings_faults_are_bad_input(self):
        assert SettingsFault("x").code == "bad_setting"
