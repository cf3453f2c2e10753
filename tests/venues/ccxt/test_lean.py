"""One exchange of ccxt without the others: it signs as the whole library does, at a fraction of its work."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, json, sys
from quorate.venues.ccxt import library
from quorate.venues.ccxt.lean import load_alone
from quorate.venues.ccxt.settings import VenueSettings
name, how = sys.argv[1:]
alone = load_alone(name) if how == "alone" else None
module = asyncio.run(library.load())
loaded = len([name for name in sys.modules if name.startswith("ccxt.")])
sent = []
async def fetch(url, method, headers, body):
    sent.append([url, method, dict(headers), body])
    return {}
settings = VenueSettings(exchange=name, key="demo", secret="ZGVtbw==")
async def ask():
    exchange = library.adapted(module, settings, fetch=fetch, now_us=lambda: 1_700_000_000_000_000)
    call = exchange.private_post_cancelall if name == "kraken" else exchange.fapiprivate_get_account
    call = exchange.private_get_account if name == "binance" else call
    await call({})
asyncio.run(ask())
assert issubclass(module.AuthenticationError, module.BaseError)
print(json.dumps({"alone": alone, "loaded": loaded, "sent": sent}))
"""


def told(name: str, how: str) -> dict:
    done = subprocess.run([sys.executable, "-c", PROGRAM, name, how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kraken", "binance", "binanceusdm"])
def test_an_exchange_alone_signs_as_it_does_in_the_whole_library(name):
    alone, whole = told(name, "alone"), told(name, "whole")
    assert alone["alone"] is True
    assert alone["sent"] == whole["sent"]
    assert 0 < alone["loaded"] < whole["loaded"] / 2


@pytest.mark.slow
def test_a_library_that_is_there_already_is_left_alone():
    code = "import ccxt; from quorate.venues.ccxt.lean import load_alone; assert load_alone('kraken') is False"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_exchange_that_there_is_not_leaves_no_trace():
    code = (
        "import sys; from quorate.venues.ccxt.lean import load_alone; assert load_alone('nowhere') is False\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'ccxt']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
