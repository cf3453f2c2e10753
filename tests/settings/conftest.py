"""Settings as they are loaded from a folder and an environment of a test's own, and how they are refused."""

from pathlib import Path

import pytest

from quorate.domain.errors import QuorateError, Refused
from quorate.settings import Settings
from quorate.settings_sources import load_settings


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
    """The one sentence in which settings are refused."""
    with pytest.raises(QuorateError) as caught:
        load(*args, **kwargs)
    text = str(caught.value)
    assert "\n" not in text
    assert "pydantic" not in text.lower()
    assert caught.value.exit_code == (4 if isinstance(caught.value, Refused) else 2)
    return text
