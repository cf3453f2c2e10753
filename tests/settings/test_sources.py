"""Where settings come from, which source goes before which, and files that cannot be read."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from quorate.domain.policy import DEFAULT_PORTFOLIOS
from quorate.settings import Settings
from quorate.settings_sources import Given
from tests.settings.conftest import refusal


class TestWhereValuesComeFrom:
    def test_without_anything_the_defaults_hold(self, load):
        assert load() == Settings()

    def test_each_source_goes_before_the_one_earlier_in_the_list(self, load):
        toml, dotenv = "[api]\nport = 1001", "QUORATE__API__PORT=1002"
        assert load(toml).api.port == 1001
        assert load(toml, dotenv).api.port == 1002
        assert load(toml, dotenv, QUORATE__API__PORT="1003").api.port == 1003
        option = [Given("api.port", "1004", "--port")]
        assert load(toml, dotenv, options=option, QUORATE__API__PORT="1003").api.port == 1004

    def test_sources_are_laid_over_each_other_key_by_key(self, load):
        settings = load("[feed]\nseed = 7\ntimeframe = '1h'", QUORATE__FEED__SEED="8")
        assert (settings.feed.seed, settings.feed.timeframe) == (8, "1h")

    def test_the_names_other_programs_use_are_read_too(self, load):
        settings = load(
            DATABASE_URL="postgres://u:p@db/q", REDIS_URL="rediss://r:6380", CRON_SECRET="s", CRONS_ENABLED="true"
        )
        assert settings.store.database_url is not None
        assert settings.store.database_url.get_secret_value() == "postgres://u:p@db/q"
        assert settings.store.redis_url is not None
        assert (settings.api.cron_secret, settings.api.crons_enabled) == ("s", True)

    def test_our_own_name_goes_before_a_plain_one(self, load):
        settings = load(DATABASE_URL="postgres://plain/q", QUORATE__STORE__DATABASE_URL="postgres://own/q")
        assert settings.store.database_url is not None
        assert settings.store.database_url.get_secret_value() == "postgres://own/q"

    @pytest.mark.parametrize("text", ["1", "yes", "True!", "on"])
    def test_outside_crons_are_let_in_by_the_word_true_alone(self, load, text):
        assert not load(CRONS_ENABLED=text).api.crons_enabled

    def test_an_empty_variable_counts_as_not_set(self, load):
        assert load(DATABASE_URL="", QUORATE__API__PORT=" ") == Settings()

    def test_lists_in_variables_take_commas_spaces_or_json(self, load):
        for text in ("btc/usdt,ETH/USDT", "BTC/USDT ETH/USDT", '["ETH/USDT", "BTC/USDT"]'):
            assert load(QUORATE__FEED__PAIRS=text).feed.pairs == ("BTC/USDT", "ETH/USDT")

    def test_tables_in_variables_are_json(self, load):
        assert load(QUORATE__FEED__URLS='{"api": {"public": "http://127.0.0.1:1"}}').feed.urls == {
            "api": {"public": "http://127.0.0.1:1"}
        }
        assert "not JSON" in refusal(load, QUORATE__FEED__URLS="{")
        settings = load(QUORATE__FEED__URLS='{"api": 1}', QUORATE__FEED__URLS__API__PUBLIC="http://127.0.0.1:2")
        assert settings.feed.urls == {"api": {"public": "http://127.0.0.1:2"}}

    def test_the_file_of_config_is_read_instead_and_must_exist(self, load, tmp_path):
        other = tmp_path / "elsewhere" / "mine.toml"
        other.parent.mkdir()
        other.write_text("data_dir = 'state'\n[api]\nport = 1")
        settings = load("[api]\nport = 2", config=other)
        assert settings.api.port == 1
        assert settings.data_dir == other.parent / "state", "a path in a file is relative to that file"
        assert "cannot be read" in refusal(load, config=tmp_path / "none.toml")

    def test_a_portfolio_by_name_changes_one_number_and_keeps_the_others(self, load):
        settings = load(
            "[desk.portfolios.conservative]\nleverage = 2", QUORATE__DESK__PORTFOLIOS__AGGRESSIVE__LEVERAGE="1.5"
        )
        aggressive, conservative, strategies = settings.desk.portfolios
        assert (aggressive.leverage, conservative.leverage) == (Decimal("1.5"), Decimal(2))
        assert conservative.tiers == DEFAULT_PORTFOLIOS[1].tiers
        assert strategies == DEFAULT_PORTFOLIOS[2]

    def test_a_list_of_portfolios_says_which_there_are(self, load):
        settings = load(
            "[[desk.portfolios]]\nname = 'conservative'\nbase_share = 0.02\n[[desk.portfolios]]\nname = 'x'"
        )
        assert [portfolio.name for portfolio in settings.desk.portfolios] == ["conservative", "x"]
        assert settings.desk.portfolios[0].drawdown_limit == Decimal("0.12"), "the default of that name is its ground"

    def test_ratios_are_exact(self, load):
        assert load("[desk.portfolios.aggressive]\nbase_share = 0.1").desk.portfolios[0].base_share == Decimal("0.1")

    def test_a_replay_re_arms_weekly_unless_told_otherwise(self, load, tmp_path):
        toml = f"[feed]\nkind = 'replay'\ndata = '{tmp_path}'"
        assert load(toml).desk.breakers.rearm == "weekly"
        assert load(toml, QUORATE__DESK__BREAKERS__REARM="never").desk.breakers.rearm == "never"
        assert load("[feed]\nkind = 'simulated'").desk.breakers.rearm == "never"

    def test_a_replay_runs_as_fast_as_it_can_and_a_simulation_at_the_pace_of_the_clock(self, load, tmp_path):
        replay = f"[feed]\nkind = 'replay'\ndata = '{tmp_path}'"
        assert load(replay).feed.pace is None
        assert load(replay, QUORATE__FEED__SPEED="60").feed.pace == 60
        assert load("[feed]\nkind = 'simulated'").feed.pace == 1
        assert load("[feed]\nkind = 'simulated'", QUORATE__FEED__SPEED="max").feed.pace is None


class TestMalformedFiles:
    def test_toml_says_file_and_line(self, load, tmp_path):
        text = refusal(load, "[api]\nport = \n")
        assert f"{tmp_path / 'quorate.toml'}, line 2" in text
        assert "not TOML" in text

    def test_toml_that_breaks_off_says_so(self, load):
        assert "not TOML" in refusal(load, "[api")

    def test_dotenv_says_file_and_line(self, load, tmp_path):
        assert f"{tmp_path / '.env'}, line 2" in refusal(load, dotenv="A=1\n= what\n")

    def test_what_is_not_text_says_its_line(self, load, tmp_path):
        (tmp_path / "quorate.toml").write_bytes(b"mode = 'paper'\nx = '\xff'\n")
        assert "line 2: this is not UTF-8" in refusal(load)

    def test_a_byte_order_mark_does_no_harm(self, load, tmp_path):
        (tmp_path / "quorate.toml").write_bytes(b"\xef\xbb\xbf[api]\nport = 5\n")
        assert load().api.port == 5

    def test_a_folder_is_no_settings_file(self, load, tmp_path):
        assert "cannot be read" in refusal(load, config=tmp_path)


def test_the_page_of_settings_is_current():
    script = Path(__file__).parents[2] / "scripts" / "settings_page.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run `python scripts/settings_page.py`"
