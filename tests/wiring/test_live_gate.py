"""Leave to trade live: every act in its turn at a real door of the loopback exchange."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from quorate.accounts import arming, limit_record, settings_record
from quorate.accounts.second_factor import withdraw
from quorate.accounts.secret import Secret
from quorate.clock import ManualClock, SystemClock
from quorate.domain.errors import Refused
from quorate.domain.market import MarketKind
from quorate.domain.venue import ClockSkew
from quorate.settings import Settings
from quorate.settings_salvage import salvage
from quorate.wiring import live
from quorate.wiring.keys import KeyPlace
from tests.accounts.desks import OwnersDesk, Place, exchange_of
from tests.accounts.test_at_an_exchange import may_withdraw


def settings_at(place: Place, desk: OwnersDesk, **venue: object) -> Settings:
    """Settings of a live desk at the exchange."""
    told = {"name": place.venue, "key": "main", "portfolio": "conservative", "urls": place.urls, **venue}
    raw = {
        "mode": "live",
        "data_dir": desk.data_dir,
        "feed": {"kind": "exchange", "exchange": place.venue},
        "venue": told,
    }
    base = Settings()
    spot = tuple(
        replace(each, market=MarketKind.SPOT) if each.name == "conservative" else each for each in base.desk.portfolios
    )
    return Settings.model_validate({**raw, "desk": replace(base.desk, portfolios=spot)})


def place_of(desk: OwnersDesk) -> KeyPlace:
    return KeyPlace(data_dir=desk.data_dir, environment=desk.environment())


def owner(folder: Path, place: Place) -> OwnersDesk:
    return OwnersDesk(folder).enrolled().with_key(venue=place.venue, key=place.key, secret=place.secret)


def armed(settings: Settings, desk: OwnersDesk) -> None:
    live.arm(settings, desk.sealed, Secret(desk.code()), now_ms=SystemClock().now_ms(), hours=1)


@pytest.mark.parametrize("venue", ["kraken", "binance"])
async def test_three_acts_open_the_venue_and_each_one_missing_does_not(venue, tmp_path):
    clock = SystemClock()
    async with exchange_of(venue) as place:
        desk = owner(tmp_path, place)
        settings = settings_at(place, desk)
        with pytest.raises(live.ActMissing, match="mode = paper"):
            live.licence(settings.model_copy(update={"mode": "paper"}), clock, place_of(desk))
        with pytest.raises(Refused, match="no key 'other'"):
            live.licence(settings_at(place, desk, key="other"), clock, place_of(desk))
        with pytest.raises(live.ActMissing, match="was not armed"):
            live.licence(settings, clock, place_of(desk))
        armed(settings, desk)
        leave = live.licence(settings, clock, place_of(desk))
        opened = await live.open_venue(settings, clock, leave)
        try:
            assert (await opened.account()).balances
        finally:
            await opened.close()
        with pytest.raises(live.ActMissing, match="have changed"):
            live.licence(settings_at(place, desk, stake=Decimal(50)), clock, place_of(desk))
        may_withdraw(place)
        with pytest.raises(live.KeyCanWithdraw, match="can withdraw"):
            await live.open_venue(settings, clock, leave)
        withdraw(desk.sealed, Secret(desk.code()), now_ms=clock.now_ms())
        with pytest.raises(live.ActMissing, match="was not armed"):
            live.licence(settings, clock, place_of(desk))


async def test_f20_a_machine_whose_clock_is_wrong_opens_no_venue(tmp_path):
    async with exchange_of("kraken") as place:
        desk = owner(tmp_path, place)
        settings = settings_at(place, desk)
        armed(settings, desk)
        leave = live.licence(settings, SystemClock(), place_of(desk))
        late = ManualClock(SystemClock().now_ms() - 60_000)
        with pytest.raises(ClockSkew, match="are allowed"):
            await live.open_venue(settings, late, leave)  # pyright: ignore[reportArgumentType]


async def test_c28_a_live_desk_runs_under_the_limits_that_hold_and_not_under_those_that_are_wanted(tmp_path):
    clock = SystemClock()
    async with exchange_of("kraken") as place:
        desk = owner(tmp_path, place)
        tight = settings_at(place, desk, stake=Decimal(50))
        armed(tight, desk)
        assert live.licence(tight, clock, place_of(desk)).settings.venue.stake == 50
        loose = settings_at(place, desk, stake=Decimal(5_000))
        live.arming.arm(desk.sealed, live.subject_of(loose), now_ms=clock.now_ms(), hours=1)
        leave = live.licence(loose, clock, place_of(desk))
        assert leave.settings.venue.stake == 50
        assert ["venue.stake stays at 50" in live.held_told(held) for held in leave.held] == [True]
        live.changed_limits(loose, desk.sealed, Secret(desk.code()), now_ms=clock.now_ms())
        kept = limit_record.read_record(desk.sealed)
        assert kept is not None
        assert [each.change.after for each in kept.allowances] == ["5000"]
        assert arming.armed(desk.sealed, "live") is not None


async def test_c27_settings_are_traded_live_as_signed_versions_and_a_record_that_was_changed_stops_the_start(tmp_path):
    clock = SystemClock()
    async with exchange_of("kraken") as place:
        desk = owner(tmp_path, place)
        first, second = settings_at(place, desk, stake=Decimal(50)), settings_at(place, desk, stake=Decimal(40))
        for settings in (first, second):
            live.arming.arm(desk.sealed, live.subject_of(settings), now_ms=clock.now_ms(), hours=1)
            for _ in range(2):
                live.licence(settings, clock, place_of(desk))
        path = live.record_path(first)
        known = settings_record.verified(desk.sealed, path)
        assert [each.version.number for each in known] == [1, 2], "the same settings are the same version"
        changes = [(each.name, each.before, each.after) for each in known[1].version.changes]
        assert changes == [("venue.stake", '"50"', '"40"')]
        assert place.secret not in path.read_text()
        path.write_text(path.read_text().replace('"second factor"', '"somebody"'))
        with pytest.raises(settings_record.RecordBroken, match="version 1 of the settings is not what was signed"):
            live.licence(second, clock, place_of(desk))


def test_c27_a_review_takes_the_second_factor_and_is_signed(tmp_path):
    desk = OwnersDesk(tmp_path).enrolled()
    settings = Settings(data_dir=desk.data_dir)
    with pytest.raises(Refused):
        live.review_settings(settings, desk.sealed, Secret("000000"), by="Ada", note="looked", now_ms=1)
    wanted = settings_record.Wanted(account="live", settings="{}", digest="d", by="second factor")
    settings_record.adopt(desk.sealed, live.record_path(settings), wanted, now_ms=1)
    now_ms = SystemClock().now_ms()
    live.review_settings(settings, desk.sealed, Secret(desk.code()), by="Ada", note="looked", now_ms=now_ms)
    known = settings_record.verified(desk.sealed, live.record_path(settings))
    assert settings_record.reviewed_ms(known) == now_ms


def test_a_portfolio_that_may_not_be_unbound_yet_and_is_gone_stops_the_start(tmp_path):
    base = Settings()
    limits = live.limits_of(base.model_copy(update={"venue": replace(base.venue, portfolio="aggressive")}))
    gone = replace(limits, portfolio="gone")
    with pytest.raises(Refused, match=r"gone is no longer among desk\.portfolios"):
        live.under(base, gone)


class TestSalvage:
    def test_settings_in_order_are_simply_those(self, tmp_path):
        (tmp_path / "quorate.toml").write_text('data_dir = "state"\n[venue]\nname = "kraken"\ntestnet = true\n')
        found = salvage(environment={}, folder=tmp_path, config=None, data_dir=None)
        assert (found.data_dir, found.venue.name, found.venue.testnet) == (tmp_path / "state", "kraken", True)
        assert found.faults == ()

    @pytest.mark.parametrize(
        ("text", "name", "testnet"),
        [
            ('nonsense = 1\n[venue]\nname = "kraken"\ntestnet = true\n', "kraken", True),
            ('[venue]\nname = "nowhere"\ntestnet = true\n', None, True),
            ('[venue]\nname = "kraken"\nstake = "much"\ntestnet = true\n', "kraken", True),
            ("[venue\n", None, False),
            ("\x00\xff", None, False),
            ('venue = "kraken"\n', None, False),
        ],
    )
    def test_of_broken_ones_what_can_be_understood_is_taken_and_the_rest_told(self, tmp_path, text, name, testnet):
        (tmp_path / "quorate.toml").write_text(text, encoding="latin-1")
        found = salvage(environment={}, folder=tmp_path, config=None, data_dir=tmp_path / "here")
        assert (found.venue.name, found.venue.testnet, found.data_dir) == (name, testnet, tmp_path / "here")
        assert found.faults

    def test_the_environment_goes_before_the_file_here_too(self, tmp_path):
        (tmp_path / "quorate.toml").write_text('nonsense = 1\ndata_dir = "a"\n[feed]\npairs = ["ETH/USDT"]\n')
        environment = {
            "QUORATE__DATA_DIR": str(tmp_path / "b"),
            "QUORATE__VENUE__URLS": '{"api": {"public": "http://127.0.0.1:1"}}',
            "QUORATE__FEED__PAIRS": "btc/usdt, sol/usdt",
        }
        found = salvage(environment=environment, folder=tmp_path, config=None, data_dir=None)
        assert found.data_dir == tmp_path / "b"
        assert found.venue.urls == {"api": {"public": "http://127.0.0.1:1"}}
        assert found.pairs == ("BTC/USDT", "SOL/USDT")
