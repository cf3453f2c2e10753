"""Keys, second factor, live acts: what the verbs do, what they end with, and that no secret ever comes out of them."""

import json
import logging
import sys

import pyotp
import pytest
from loguru import logger
from pyotp.totp import TOTP

from quorate.accounts import arming, second_factor, venue_keys
from quorate.accounts.halt_marker import HaltMark, read_halt, write_halt
from tests.accounts.desks import KEY, SECRET, OwnersDesk, Typist


@pytest.fixture
def desk(tmp_path) -> OwnersDesk:
    return OwnersDesk(tmp_path)


@pytest.fixture
def quorate(desk, monkeypatch, capsys, tmp_path):
    """Run one command as the desk's owner; gives its exit code, what it printed and what it said."""
    from quorate.cli.main import outcome

    monkeypatch.chdir(tmp_path)
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)

    def quorate(*arguments: str, typed: tuple = (), **environment: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", Typist(typed))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = outcome(arguments)
        said = capsys.readouterr()
        for secret in (KEY, SECRET, desk.key_file.read_text().strip()):
            assert secret not in said.out + said.err, "I7: a secret came out"
        return code, said.out, said.err

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield quorate
    logger.remove()
    root.handlers[:] = handlers
    root.setLevel(level)


LIVE = {
    "QUORATE__MODE": "live",
    "QUORATE__VENUE__NAME": "kraken",
    "QUORATE__VENUE__KEY": "main",
    "QUORATE__VENUE__PORTFOLIO": "conservative",
    "QUORATE__DESK__PORTFOLIOS__CONSERVATIVE__MARKET": "spot",
    "QUORATE__FEED__KIND": "exchange",
    "QUORATE__FEED__EXCHANGE": "kraken",
}


class TestSecondFactor:
    def test_it_is_enrolled_by_a_code_that_an_authenticator_shows(self, desk, quorate, capsys):
        shown: list[str] = []

        def authenticator() -> str:
            text = capsys.readouterr().out
            shown.append(text)
            address = next(line for line in text.splitlines() if line.startswith("Address:")).split()[1]
            read = pyotp.parse_uri(address)
            assert isinstance(read, TOTP)
            return read.now()

        code, _, err = quorate("second-factor", "enroll", typed=(authenticator,))
        assert code == 0, err
        assert second_factor.is_enrolled(desk.sealed)
        assert "otpauth://totp/" in shown[0]

    def test_a_wrong_code_enrols_nothing(self, desk, quorate):
        code, _, err = quorate("second-factor", "enroll", typed=("000000",))
        assert code == 4
        assert "Nothing was enrolled" in err
        assert not second_factor.is_enrolled(desk.sealed)

    def test_it_is_tried_used_up_and_taken_away(self, desk, quorate):
        desk.enrolled()
        used = desk.code()
        assert quorate("second-factor", "check", typed=(used,))[0] == 0
        code, _, err = quorate("second-factor", "check", typed=(used,))
        assert (code, "used before" in err) == (4, True)
        assert quorate("second-factor", "remove", typed=(desk.code(),))[0] == 0
        assert not second_factor.is_enrolled(desk.sealed)

    def test_without_a_master_key_a_passphrase_is_asked_for_twice(self, desk, quorate, capsys):
        def authenticator() -> str:
            text = capsys.readouterr().out
            return TOTP(text.splitlines()[0].split()[1]).now()

        words = "correct horse battery staple"
        other = {"QUORATE__DATA_DIR": str(desk.folder / "other"), "QUORATE_MASTER_KEY_FILE": ""}
        code, _, err = quorate("second-factor", "enroll", typed=(words, "something else entirely"), **other)
        assert (code, "differ" in err) == (2, True)
        code, _, err = quorate("second-factor", "enroll", typed=(words, words, authenticator), **other)
        assert code == 0, err
        code, _, err = quorate("second-factor", "check", typed=("the wrong passphrase", "123456"), **other)
        assert (code, "was sealed with master key" in err) == (4, True)

    def test_nothing_typed_is_told_with_what_was_wanted(self, desk, quorate):
        desk.enrolled()
        code, _, err = quorate("second-factor", "check")
        assert (code, "Nothing was given for: Code of the second factor" in err) == (2, True)


class TestKeys:
    def test_a_key_is_sealed_listed_by_its_end_and_removed(self, desk, quorate):
        desk.enrolled()
        add = ("keys", "add", "main", "--venue", "kraken", "--unchecked")
        code, _, err = quorate(*add, typed=(desk.code(), KEY, SECRET))
        assert code == 0, err
        code, out, _ = quorate("keys", "list", "--json")
        row = json.loads(out)["keys"][0]
        assert (code, row["name"], row["venue"], row["key"], row["opens"]) == (0, "main", "kraken", "…WXYZ", "yes")
        assert venue_keys.open_key(desk.sealed, "main").secret.reveal() == SECRET
        assert KEY.encode() not in desk.sealed.path.read_bytes()
        assert quorate("keys", "remove", "main", typed=(desk.code(),))[0] == 0
        assert not venue_keys.listed(desk.sealed)

    def test_a_key_may_come_from_the_environment(self, desk, quorate):
        desk.enrolled()
        add = ("keys", "add", "main", "--venue", "kraken", "--unchecked")
        given = {"QUORATE_VENUE_KEY": KEY, "QUORATE_VENUE_SECRET": SECRET}
        assert quorate(*add, typed=(desk.code(),), **given)[0] == 0
        assert venue_keys.open_key(desk.sealed, "main").key.reveal() == KEY

    def test_there_is_no_option_to_give_a_key_as_an_argument(self, quorate):
        code, _, err = quorate("keys", "add", "main", "--venue", "kraken", "--secret", "x")
        assert (code, "No such option" in err) == (2, True)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("keys", "add", "main", "--venue", "kraken"), "second-factor enroll"),
            (("keys", "remove", "main"), "second-factor enroll"),
            (("keys", "check", "main"), "second-factor enroll"),
            (("keys", "rotate-master"), "second-factor enroll"),
            (("live", "disarm"), "second-factor enroll"),
            (("panic", "--undo"), "second-factor enroll"),
        ],
    )
    def test_before_there_is_a_sealed_file_each_verb_says_where_to_begin(self, quorate, arguments, said):
        code, _, err = quorate(*arguments)
        assert code == 4
        assert said in err

    def test_without_the_second_factor_no_key_is_taken(self, desk, quorate):
        desk.with_key()
        code, _, err = quorate("keys", "add", "other", "--venue", "kraken", "--unchecked", typed=("1", KEY, SECRET))
        assert (code, "no second factor yet" in err) == (4, True)

    @pytest.mark.parametrize(("key", "said"), [("a b\x07c" * 8, "holds characters"), ("ключ" * 8, "holds characters")])
    def test_a_key_that_was_pasted_wrong_is_not_told(self, desk, quorate, key, said):
        desk.enrolled()
        add = ("keys", "add", "main", "--venue", "kraken", "--unchecked")
        code, out, err = quorate(*add, typed=(desk.code(), key, SECRET))
        assert (code, said in err) == (2, True)
        assert key not in out + err

    def test_f38_a_wrong_master_key_lists_the_keys_it_cannot_open_and_ends_with_4(self, desk, quorate):
        desk.with_key()
        other = OwnersDesk(desk.folder / "other")
        code, out, err = quorate("keys", "list", "--json", QUORATE_MASTER_KEY_FILE=str(other.key_file))
        assert (code, json.loads(out)["keys"][0]["opens"]) == (4, "no")
        assert "was sealed with master key" in err

    def test_a_sealed_file_open_to_others_is_refused_with_the_chmod_to_type(self, desk, quorate):
        desk.with_key()
        desk.sealed.path.chmod(0o644)
        code, _, err = quorate("keys", "list")
        assert (code, f"chmod 600 {desk.sealed.path}" in err) == (4, True)

    def test_f38_rotating_the_master_key_turns_the_old_one_away(self, desk, quorate):
        desk.enrolled().with_key()
        new = desk.folder / "new.key"
        assert quorate("keys", "make-master", str(new))[0] == 0
        assert quorate("keys", "make-master", str(new))[0] == 4
        code, _, err = quorate("keys", "rotate-master", "--new-key-file", str(new), typed=(desk.code(),))
        assert code == 0, err
        assert quorate("keys", "list")[0] == 4
        assert quorate("keys", "list", QUORATE_MASTER_KEY_FILE=str(new))[0] == 0

    def test_a_master_key_that_is_none_is_refused_without_being_told(self, desk, quorate):
        desk.with_key()
        code, out, err = quorate("keys", "list", QUORATE_MASTER_KEY="hunter2hunter2")
        assert (code, "is not a master key" in err) == (2, True)
        assert "hunter2" not in out + err


class TestLive:
    @pytest.mark.parametrize(
        ("left_out", "said"),
        [
            ("QUORATE__MODE", "mode = paper"),
            ("QUORATE__VENUE__NAME", "venue.name"),
            ("QUORATE__VENUE__KEY", "venue.key"),
            ("QUORATE__VENUE__PORTFOLIO", "venue.portfolio"),
        ],
    )
    def test_each_part_of_the_first_act_that_is_missing_is_one_sentence_and_4(self, desk, quorate, left_out, said):
        desk.enrolled().with_key()
        code, _, err = quorate("live", "arm", **{**LIVE, left_out: ""})
        assert code == 4
        assert said in err
        assert err.count("\n") == 1

    def test_the_second_act_missing_is_a_key_that_there_is_not(self, desk, quorate):
        desk.enrolled()
        code, _, err = quorate("live", "arm", **LIVE)
        assert (code, "no key 'main'" in err) == (4, True)

    def test_a_key_of_another_venue_is_refused(self, desk, quorate):
        desk.enrolled().with_key(venue="binance")
        code, _, err = quorate("live", "arm", **LIVE)
        assert (code, "is one of binance, and venue.name is kraken" in err) == (4, True)

    def test_the_third_act_missing_keeps_a_live_desk_from_starting(self, desk, quorate):
        desk.enrolled().with_key()
        code, _, err = quorate("worker", "--no-redis", **LIVE)
        assert code == 4
        assert "was not armed with the second factor" in err
        assert "quorate live arm" in err

    def test_armed_it_may_start_until_a_setting_changes_or_it_is_taken_back(self, desk, quorate):
        desk.enrolled().with_key()
        code, _, err = quorate("live", "arm", "--hours", "1", typed=(desk.code(),), **LIVE)
        assert (code, "may start until" in err) == (0, True)
        assert arming.armed(desk.sealed, "live") is not None
        code, out, _ = quorate("live", "status", "--json", **LIVE)
        told = {finding["name"]: finding["health"] for finding in json.loads(out)["findings"]}
        assert (code, told["armed"], told["limits"]) == (0, "ok", "ok")
        code, out, _ = quorate("live", "status", QUORATE__DESK__LIMITS__COLLAR_BPS="100", **LIVE)
        assert (code, "have changed" in out) == (4, True)
        assert quorate("live", "disarm", QUORATE__DESK__LIMITS__COLLAR_BPS="", **LIVE)[0] == 0
        assert quorate("live", "status", **LIVE)[0] == 4

    def test_c27_versions_of_settings_are_listed_with_their_changes_and_reviewed_by_the_second_factor(
        self, desk, quorate
    ):
        desk.enrolled().with_key()
        assert quorate("live", "arm", typed=(desk.code(),), **LIVE)[0] == 0
        assert quorate("live", "arm", typed=(desk.code(),), QUORATE__VENUE__STAKE="90", **LIVE)[0] == 0
        code, _, err = quorate("live", "review", "--by", "Ada", "--note", "fits", typed=(desk.code(),), **LIVE)
        assert (code, "Signed as version 3." in err) == (0, True)
        code, out, err = quorate("live", "versions", "--json", **LIVE)
        rows = json.loads(out)["versions"]
        assert (code, [row["kind"] for row in rows]) == (0, ["settings", "settings", "review"])
        assert (rows[1]["said"], rows[2]["said"]) == ('venue.stake "100" → "90"', "fits")
        assert "more" in rows[0]["said"], "the first version has everything in it"
        assert len(err.split("Public key: ")[1].strip()) == 64
        (desk.data_dir / "settings-versions.jsonl").write_text("")
        code, _, err = quorate("live", "versions", **LIVE)
        assert (code, "ends before version 3" in err) == (4, True)

    def test_a_live_desk_takes_no_other_prices_than_its_venues(self, quorate):
        code, _, err = quorate("live", "status", **{**LIVE, "QUORATE__FEED__KIND": "auto"})
        assert (code, "on kraken's own prices" in err) == (2, True)

    def test_c28_a_limit_loosens_by_the_second_factor_and_waits(self, desk, quorate):
        from quorate.settings_sources import load_settings
        from quorate.wiring import live

        desk.enrolled().with_key()
        given = {**desk.environment(), **LIVE}
        settings = load_settings(environment=given, folder=desk.folder)
        now_ms = 1_000
        first = live.limits_now(settings, desk.sealed, now_ms=now_ms).record
        live.limit_record.write_record(desk.sealed, first, now_ms=now_ms)
        code, out, err = quorate("live", "loosen", "--json", typed=(desk.code(),), QUORATE__VENUE__STAKE="500", **LIVE)
        assert code == 0, err
        waiting = json.loads(out)["waiting"]
        assert [(row["setting"], row["now"], row["then"]) for row in waiting] == [("venue.stake", "100", "500")]
        assert waiting[0]["from"]


class TestPanicUndo:
    def test_the_mark_of_an_offline_panic_is_lifted_by_the_second_factor_alone(self, desk, quorate):
        desk.enrolled()
        write_halt(desk.data_dir, HaltMark(at_ms=1, by="somebody", reason="panic"))
        code, _, err = quorate("panic", "--undo", typed=("000000",))
        assert (code, "wrong" in err) == (4, True)
        assert read_halt(desk.data_dir) is not None

    @pytest.mark.parametrize(
        "arguments", [("--undo", "--offline"), ("--undo", "--flatten"), ("--yes",), ("--key", "x"), ("--pairs", "A/B")]
    )
    def test_words_that_do_not_go_together_are_refused(self, quorate, arguments):
        assert quorate("panic", *arguments)[0] == 2

    def test_selling_is_not_begun_where_nobody_can_be_asked(self, desk, quorate):
        desk.with_key()
        code, _, err = quorate("panic", "--offline", "--flatten")
        assert (code, "--yes" in err) == (2, True)
        assert read_halt(desk.data_dir) is None

    def test_where_there_are_several_keys_one_has_to_be_named(self, desk, quorate):
        desk.with_key("one").with_key("two")
        code, _, err = quorate("panic", "--offline")
        assert (code, "--key one or --key two" in err) == (2, True)
