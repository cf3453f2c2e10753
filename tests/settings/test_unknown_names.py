"""A setting that there is not is refused, with the nearest one that there is."""

import pytest

from quorate.settings import Settings
from quorate.settings_names import all_names, nearest_name
from tests.settings.conftest import refusal


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
