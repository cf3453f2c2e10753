"""Settings: where they come from, which are refused, and what a replay's identity rests on."""

import subprocess
import sys
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from quorate.domain.errors import QuorateError, Refused
from quorate.domain.policy import DEFAULT_PORTFOLIOS, DeskPolicy
from quorate.settings import Settings, account_of, decision_digest, replay_account
from quorate.settings_limits import BOUNDS
from quorate.settings_names import all_names, nearest_name
from quorate.settings_sources import Given, SettingsFault, load_settings


@pytest.fixture
def load(tmp_path):
    def load(toml: str = "", dotenv: str = "", config: Path | None = None, options=(), **environment: str) -> Settings:
        if toml:
            (tmp_path / "quorate.toml").write_text(toml)
        if dotenv:
            (tmp_path / ".env").write_text(dotenv)
        return load_settings(environment=environment, folder=tmp_path, config=config, options=options)

    return load


def refusal(load, *args, **kwargs) -> str:
    with pytest.raises(QuorateError) as caught:
        load(*args, **kwargs)
    text = str(caught.value)
    assert "\n" not in text
    assert "pydantic" not in text.lower()
    assert caught.value.exit_code == (4 if isinstance(caught.value, Refused) else 2)
    return text


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


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("toml", "said"),
        [
            ("[desk.limits]\ncollar_bp = 5", "unknown setting desk.limits.collar_bp"),
            ("[desk.limits]\ncollar_bp = 5", "did you mean collar_bps?"),
            ("collar_bps = 5", "did you mean desk.limits.collar_bps?"),
            ("[feeed]\nkind = 'replay'", "did you mean feed.kind?"),
            ("[desk.portfolios.conservative]\nlevrage = 2", "did you mean leverage?"),
            ("[[desk.portfolios]]\nname = 'x'\nlevrage = 2", "did you mean leverage?"),
            ("[feed.kind]\nx = 1", "unknown setting feed.kind.x"),
            ("[api.stream]\nheartbeat = 3", "did you mean heartbeat_s?"),
            ("zzz = 1", "doctor --settings"),
        ],
    )
    def test_one_in_the_file_is_refused_with_the_nearest_known_one(self, load, tmp_path, toml, said):
        text = refusal(load, toml)
        assert said in text
        assert str(tmp_path / "quorate.toml") in text

    def test_one_in_the_environment_is_refused_and_named(self, load):
        text = refusal(load, QUORATE__DESK__LIMITS__COLLAR_BP="5")
        assert "QUORATE__DESK__LIMITS__COLLAR_BP" in text
        assert "did you mean collar_bps?" in text

    def test_one_in_dotenv_is_refused_and_named(self, load):
        assert "QUORATE__API__PRT in .env" in refusal(load, dotenv="QUORATE__API__PRT=1")

    def test_variables_of_others_are_left_alone(self, load):
        assert load(QUORATE_TEST_DATA="x", PATH="y", QUORATEX="z") == Settings()

    def test_parameters_and_urls_take_any_key(self, load):
        settings = load("[strategies.parameters.mine]\nperiod = 3\n[feed.urls.api]\npublic = 'http://127.0.0.1:9'")
        assert settings.strategies.parameters == {"mine": {"period": 3}}
        assert settings.feed.urls == {"api": {"public": "http://127.0.0.1:9"}}

    def test_what_is_nothing_like_a_setting_gets_no_guess(self):
        assert nearest_name(("qqqq",)) is None

    def test_every_known_name_can_be_told_from_itself_misspelt(self):
        for name in all_names():
            path = tuple(name.replace("NAME", "conservative").split("."))
            if len(path[-1]) < 4:
                continue
            near = nearest_name((*path[:-1], path[-1][:-1]))
            assert near is not None, name


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


class TestValuesThatMakeNoSense:
    @pytest.mark.parametrize(
        ("toml", "said"),
        [
            ("[api]\nport = 99999", "api.port = 99999 is outside 0 to 65,535"),
            ("[api]\nport = 'abc'", "api.port = 'abc'"),
            ("[api]\ntoken = 'short'", "api.token is too short"),
            ("[api]\norigins = ['*']", "not an origin"),
            ("[api]\norigins = ['https://a.example/path']", "not an origin"),
            ("[api]\ntrusted_proxies = ['everyone']", "not an address or a network"),
            ("[api.stream]\nheartbeat_s = 0", "api.stream.heartbeat_s = 0"),
            ("api = 5", "api is a section"),
            ("[desk]\nlimits = 5", "desk.limits is a section"),
            ("[desk]\nportfolios = 5", "list of tables"),
            ("[feed]\nkind = 'reply'", "'auto', 'exchange', 'replay' or 'simulated'"),
            ("[feed]\npairs = ['BTCUSDT']", "write it as BTC/USDT"),
            ("[feed]\npairs = 'BTC/USDT'", "feed.pairs"),
            ("[feed]\ntimeframe = '7m'", "feed.timeframe = '7m'"),
            ("[feed]\nspeed = 'fast'", "feed.speed = 'fast'"),
            ("[feed]\nspeed = 0", "feed.speed"),
            ("[feed]\nspeed = nan", "feed.speed"),
            ("[feed]\nseed = -1", "feed.seed = -1"),
            ("[feed]\nuniverse_size = 0", "feed.universe_size = 0"),
            ("[feed]\nexchange = 'Bin ance'", "feed.exchange"),
            ("[feed]\nkind = 'replay'", "--data DIR"),
            ("[feed]\nkind = 'replay'\ndata = 'nowhere'", "There is no folder"),
            ("[feed]\ntimerange = '20250101-'", "add --feed replay"),
            ("[feed]\nkind = 'simulated'\ndata = '.'", "add --feed replay"),
            ("[feed]\ntimerange = '20250230-'", "20250230"),
            ("[feed]\ntimerange = '20250301-20250201'", "ends before it begins"),
            ("[jobs]\nscanner = '61 * * * *'", "'61' for the minute"),
            ("[jobs]\nscanner = 'often'", "not a cron expression"),
            ("[jobs]\nlimit_s = 0", "jobs.limit_s = 0"),
            ("[store]\ndatabase_url = 'mysql://x'", "not an address such as postgresql://"),
            ("[store]\nredis_url = 'http://x'", "not an address such as redis://"),
            ("[log]\nlevel = 'loud'", "log.level = 'loud'"),
            ("account = 'My Account'", "account = 'My Account'"),
            ("[desk.limits]\ncollar_bps = 0", "desk.limits.collar_bps = 0 is outside 1 to 10,000"),
            ("[desk.portfolios.aggressive]\ndaily_loss_limit = 5", "daily_loss_limit = 5 is outside"),
            ("[desk.portfolios.aggressive]\nleverage = nan", "desk.portfolios.aggressive.leverage"),
            ("[desk.portfolios.aggressive]\nleverage = 'much'", "desk.portfolios.aggressive.leverage = 'much'"),
            ("[desk.portfolios.aggressive]\ntiers = ['golden']", "desk.portfolios.aggressive.tiers"),
            ("[[desk.portfolios]]\nleverage = 2", "name is missing"),
            ("[[desk.portfolios]]\nname = 'x'\n[[desk.portfolios]]\nname = 'x'", "names 'x' twice"),
            ("[desk]\nportfolios = []", "desk.portfolios has 0 entries"),
            ("[desk.council]\npanel = []", "desk.council.panel has 0 analysts"),
            ("[desk.council]\npanel = ['trend', 'trend']", "names 'trend' twice"),
            ("[desk.breakers]\nrearm = 'daily'", "neither never nor weekly"),
            ("[desk.breakers]\nrearm = 'weekly'", "for a replay only"),
        ],
    )
    def test_each_gets_one_sentence(self, load, toml, said):
        assert said in refusal(load, toml)

    def test_the_sentence_names_the_option_it_came_from(self, load):
        assert "(--port)" in refusal(load, options=[Given("api.port", "x", "--port")])

    def test_how_many_more_are_wrong_is_told(self, load):
        assert "1 more of the settings is wrong too" in refusal(load, "[feed]\nseed = -1\nuniverse_size = 0")

    def test_a_secret_is_never_repeated(self, load):
        for text in (
            refusal(load, DATABASE_URL="mysql://user:hunter2@db"),
            refusal(load, QUORATE__API__TOKEN="hunter2"),
            repr(load(DATABASE_URL="postgres://user:hunter2@db/q")),
            repr(load(QUORATE__API__TOKEN="hunter2" * 3, CRON_SECRET="hunter2" * 3)),
        ):
            assert "hunter2" not in text

    def test_live_mode_takes_the_prices_of_its_own_venue_and_no_others(self, load):
        live = "mode = 'live'\n[venue]\nname = 'kraken'\n"
        assert load("mode = 'live'").mode == "live", "what else is missing is told when a desk is started"
        assert "feed.kind" in refusal(load, live)
        assert "on kraken's own prices" in refusal(load, live + "[feed]\nkind = 'exchange'\nexchange = 'binance'")
        own = live + "[feed]\nkind = 'exchange'\nexchange = 'kraken'"
        assert load(own).venue.name == "kraken"

    def test_the_bound_portfolio_is_there_and_trades_what_its_venue_trades(self, load):
        live = "mode = 'live'\n[feed]\nkind = 'exchange'\nexchange = 'kraken'\n[venue]\nname = 'kraken'\n"
        assert "none of desk.portfolios" in refusal(load, live + "portfolio = 'mine'")
        assert "kraken trades spot" in refusal(load, live + "portfolio = 'aggressive'")
        spot = "portfolio = 'aggressive'\n[desk.portfolios.aggressive]\nmarket = 'spot'"
        assert load(live + spot).venue.portfolio == "aggressive"

    def test_a_key_in_place_of_its_name_is_refused_and_not_told(self, load):
        text = refusal(load, "[venue]\nkey = 'K3Y/hunter2=='")
        assert "not the key itself" in text
        assert "hunter2" not in text

    def test_other_machines_are_let_in_with_a_token_only(self, load):
        assert "api.token" in refusal(load, "[api]\nhost = '0.0.0.0'")
        assert load("[api]\nhost = '0.0.0.0'", QUORATE__API__TOKEN="x" * 16).api.host == "0.0.0.0"

    def test_settings_cannot_be_changed_afterwards(self):
        with pytest.raises(ValueError, match="frozen"):
            Settings().mode = "live"

    def test_every_number_of_the_policy_has_bounds(self):
        def numbers(value, seen):
            for field in fields(value):
                inner = getattr(value, field.name)
                if isinstance(inner, Decimal | int | float) and not isinstance(inner, bool):
                    seen.add(field.name)
                elif is_dataclass(inner):
                    numbers(inner, seen)
                elif isinstance(inner, tuple):
                    for item in inner:
                        if is_dataclass(item):
                            numbers(item, seen)
            return seen

        assert numbers(DeskPolicy(), set()) | numbers(Settings().api, set()) <= set(BOUNDS)


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


def test_the_page_of_settings_is_current():
    script = Path(__file__).parents[1] / "scripts" / "settings_page.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run `python scripts/settings_page.py`"


@pytest.mark.parametrize(("value", "said"), [("abc", "whole number"), ("1.5", "whole number")])
def test_a_number_that_is_none_is_said_in_plain_words(tmp_path, value, said):
    with pytest.raises(SettingsFault) as caught:
        load_settings(environment={"QUORATE__DESK__LIMITS__COLLAR_BPS": value}, folder=tmp_path)
    wanted = f"desk.limits.collar_bps = '{value}' (QUORATE__DESK__LIMITS__COLLAR_BPS): should be a {said}."
    assert caught.value.message == wanted
