"""Models and context in the settings: where keys come from, and that no key is ever shown."""

import re
from pathlib import Path

import pytest

from quorate.cli.checks import setting_values
from quorate.domain.errors import QuorateError
from quorate.settings import Settings, decision_digest, replay_account
from quorate.settings_sources import load_settings

KEY = "sk-nobody-0123456789"
ONE = """
[desk.council]
panel = ["trend", "gemini"]
[[minds.models]]
analyst = "gemini"
provider = "gemini"
model = "gemini-test"
input_price = 1.25
output_price = 10
"""


def load(folder: Path, toml: str = ONE, **environment: str) -> Settings:
    (folder / "quorate.toml").write_text(toml, encoding="utf-8")
    return load_settings(environment=environment, folder=folder)


def test_a_model_sits_where_the_panel_names_it(tmp_path: Path) -> None:
    assert [model.analyst for model in load(tmp_path).seated] == ["gemini"]
    assert load(tmp_path, ONE.replace(', "gemini"]', "]")).seated == ()
    assert Settings().seated == ()


@pytest.mark.parametrize("variable", ["GEMINI_API_KEY", "QUORATE__MINDS__PROVIDERS__GEMINI__KEY"])
def test_a_key_comes_from_the_vendors_variable_or_our_own(tmp_path: Path, variable: str) -> None:
    settings = load(tmp_path, **{variable: KEY})
    assert settings.minds.providers["gemini"].key == KEY
    assert not settings.minds.key_is_missing("gemini")
    assert load(tmp_path).minds.key_is_missing("gemini")


def test_a_vendors_key_is_not_sent_to_an_address_of_ones_own(tmp_path: Path) -> None:
    toml = f'{ONE}\n[minds.providers.gemini]\nbase_url = "http://127.0.0.1:9"\n'
    settings = load(tmp_path, toml, GEMINI_API_KEY=KEY)
    assert settings.minds.providers["gemini"].kind == "gemini", "a vendor's name says which kind it is"
    assert settings.minds.providers["gemini"].key is None


def test_keys_are_not_shown_among_the_settings(tmp_path: Path) -> None:
    community = f'[context.discord]\ntoken = "{KEY}"\n[[context.social.feeds]]\nname = "a"\nurl = "http://a/{KEY}"\n'
    settings = load(tmp_path, f"{ONE}\n{community}", GEMINI_API_KEY=KEY)
    rows = {row["setting"]: row["value"] for row in setting_values(settings)}
    assert KEY not in "".join((repr(settings), *rows.values()))
    assert '"key": "(set)"' in rows["minds.providers"]
    assert rows["context.discord.token"] == "(set)"


@pytest.mark.parametrize(
    "toml",
    [
        f"[minds.providers]\ngemini = '{KEY}'",
        f"[minds.providers.gemini]\nkeyy = '{KEY}'",
        f"[minds.providers.gemini]\nkey = ['{KEY}']",
        f"[minds.providers.gemini]\nkey = '{KEY}\u00e9'",
        f"[minds.providers.gemini]\nbase_url = 'https://u:{KEY}@example.org'",
        f"[[minds.models]]\nkey = '{KEY}'",
        f"[context.discord]\ntoken = '{KEY} {KEY}'",
        f"[context.news]\nfeeds = '{KEY}'",
        f"[context.coingecko]\nkey = ['{KEY}']",
    ],
)
def test_a_key_in_the_wrong_place_is_refused_without_repeating_it(tmp_path: Path, toml: str) -> None:
    with pytest.raises(QuorateError) as caught:
        load(tmp_path, toml)
    assert KEY not in str(caught.value)
    assert re.search(r"minds|context", str(caught.value))


def test_a_fault_in_a_model_names_its_place(tmp_path: Path) -> None:
    with pytest.raises(QuorateError, match=r"minds\.models\.0\.input_price is missing"):
        load(tmp_path, ONE.replace("input_price = 1.25", ""))


def test_a_cycle_leaves_the_scan_time_to_end(tmp_path: Path) -> None:
    assert load(tmp_path).minds.cycle_s < load(tmp_path).jobs.limit_s
    with pytest.raises(QuorateError, match="leaves a scan no time"):
        load(tmp_path, f"[jobs]\nlimit_s = 100\n{ONE}")


def test_models_on_the_panel_make_another_decision_their_keys_and_prices_do_not(tmp_path: Path) -> None:
    def digest(toml: str = ONE, **environment: str) -> str:
        return decision_digest(load(tmp_path, toml, **environment), kind="simulated")

    assert digest() == digest(GEMINI_API_KEY=KEY) == digest(ONE.replace("1.25", "2.5"))
    assert digest() != digest(ONE.replace("gemini-test", "gemini-other"))
    absent = ONE.replace(', "gemini"]', "]")
    assert digest(absent) == digest(absent.partition("[[")[0])


REPLAY = '[feed]\nkind = "replay"\ndata = "candles"\n'


def test_records_to_replay_from_are_beside_the_settings_and_change_no_account(tmp_path: Path) -> None:
    for name in ("candles", "records"):
        (tmp_path / name).mkdir()
    minds = '[minds]\nreplay_from = "records"\n'
    recorded = REPLAY + ONE.replace("[[minds.models]]", f"{minds}[[minds.models]]")
    settings, plain = load(tmp_path, recorded), load(tmp_path, REPLAY + ONE)
    assert settings.minds.replay_from == tmp_path / "records"
    assert replay_account(settings, recording="r") == replay_account(plain, recording="r")
    asked_twice = recorded.replace("[minds]", "[minds]\nrepeat_every = 7")
    assert replay_account(load(tmp_path, asked_twice), recording="r") == replay_account(plain, recording="r")


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (f'{REPLAY}[minds]\nreplay_from = "nowhere"', "There is no folder .*nowhere of records"),
        (f'{REPLAY}speed = 60\n[minds]\nreplay_from = "records"', "replay at full speed"),
        ('[minds]\nreplay_from = "records"', "replay at full speed"),
        ("[minds]\nrepeat_every = -1", "repeat_every is not below 0"),
    ],
)
def test_records_that_cannot_be_replayed_are_refused_with_a_sentence(tmp_path: Path, toml: str, told: str) -> None:
    for name in ("candles", "records"):
        (tmp_path / name).mkdir()
    with pytest.raises(QuorateError, match=told):
        load(tmp_path, toml)
