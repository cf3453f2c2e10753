"""I7: no key in any log, record, answer, error or repr, whatever a vendor sends back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from loguru import logger

from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.records import FolderRecords
from quorate.minds.settings import MindSettings, ProviderSettings
from tests.minds.vendors import KEY, KINDS, JumpClock, LoopbackVendors, gateway, request, settings, spec, wrap

ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE", format="{message}", diagnose=False)
    yield lines
    logger.remove(sink)


async def echo(_vendors: LoopbackVendors, request: web.Request, kind: str) -> web.StreamResponse:
    """A vendor that sends the key back in every place there is."""
    body = wrap(kind, f"your key is {KEY}", model=KEY, usage=(1, 1))
    text = json.dumps(body).replace("your key is ", f"your key is {ESCAPED} or ")
    return web.Response(text=text, headers={"x-key": KEY}, content_type="application/json")


async def echo_failing(_vendors: LoopbackVendors, request: web.Request, kind: str) -> web.StreamResponse:
    text = f'{{"error": {{"message": "key {KEY} or {ESCAPED} is wrong"}}}}'
    return web.Response(text=text, status=401, content_type="application/json", reason="Unauthorized")


@pytest.mark.parametrize("kind", KINDS)
async def test_i7_a_key_that_comes_back_goes_no_further(
    vendors: LoopbackVendors, tmp_path: Path, logged: list[str], kind: str
) -> None:
    vendors.script = [echo, echo_failing]
    mind = gateway(settings(vendors.url), records=FolderRecords(tmp_path))
    answer = await mind.ask(spec(kind), request(), deadline_s=5)
    silence = await mind.ask(spec(kind), request("again"), deadline_s=5)
    await mind.close()
    assert isinstance(answer, MindAnswer)
    assert answer.text == "your key is *** or ***"
    assert isinstance(silence, MindSilence)
    import gzip

    kept = [gzip.decompress(path.read_bytes()).decode() for path in tmp_path.rglob("*.gz")]
    names = [str(path) for path in tmp_path.rglob("*")]
    assert kept
    for text in (*kept, *names, *logged, repr(answer), repr(silence), repr(mind.states())):
        assert KEY not in text


async def test_i7_a_prompt_with_a_key_is_not_sent(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request(f"news: {KEY}"), deadline_s=5)
    await mind.close()
    assert isinstance(silence, MindSilence)
    assert (silence.code, vendors.heard) == ("bad_request", [])
    assert KEY not in silence.reason


@pytest.mark.parametrize("key", ["line\nbreak-0123456789", "clé-0123456789", "tab\tkey-0123456789"])
async def test_i7_a_key_that_cannot_be_sent_is_not_told(vendors: LoopbackVendors, logged: list[str], key: str) -> None:
    mind = gateway(settings(vendors.url, key=key))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    await mind.close()
    assert isinstance(silence, MindSilence)
    assert silence.code == "wrong_key"
    assert key.split("-", maxsplit=1)[0] not in silence.reason + "".join(logged)


def test_i7_settings_do_not_show_keys() -> None:
    of = MindSettings(providers={"openai": ProviderSettings(kind="openai", key=KEY)})
    mind = gateway(of, clock=JumpClock())
    assert KEY not in repr(of)
    assert KEY not in repr(vars(mind))


async def test_i7_a_key_is_not_carried_to_where_a_redirect_points(vendors: LoopbackVendors) -> None:
    async def elsewhere(_vendors: LoopbackVendors, request: web.Request, _kind: str) -> web.StreamResponse:
        return web.Response(status=307, headers={"location": f"{vendors.url}/v1/chat/completions"})

    vendors.script = [elsewhere]
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    await mind.close()
    assert isinstance(silence, MindSilence)
    assert (silence.code, len(vendors.heard)) == ("unavailable", 1)
