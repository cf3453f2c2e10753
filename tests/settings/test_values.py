"""Values that make no sense are refused in one sentence each, which never tells a secret."""

from dataclasses import fields, is_dataclass
from decimal import Decimal

import pytest

from quorate.domain.policy import DeskPolicy
from quorate.settings import Settings
from quorate.settings_limits import BOUNDS
from quorate.settings_sources import Given, SettingsFault, load_settings
from tests.settings.conftest import refusal


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


@pytest.mark.parametrize(("value", "said"), [("abc", "whole number"), ("1.5", "whole number")])
def test_a_number_that_is_none_is_said_in_plain_words(tmp_path, value, said):
    with pytest.raises(SettingsFault) as caught:
        load_settings(environment={"QUORATE__DESK__LIMITS__COLLAR_BPS": value}, folder=tmp_path)
    wanted = f"desk.limits.collar_bps = '{value}' (QUORATE__DESK__LIMITS__COLLAR_BPS): should be a {said}."
    assert caught.value.message == wanted
