"""The verb `quorate exchange`: a testnet on this machine."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.options import FEED, LOG_LEVEL, setting_options, settings_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.exchange import Fees
    from quorate.exchange.faults import Fault
    from quorate.wiring.exchange import ExchangeFacts, User

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT")
"""What is listed unless pairs are asked for."""
PORT = 8421
FACES = ("binance", "kraken", "binanceusdm")
"""As `quorate.wiring.exchange` has them; that is imported once it is needed."""


@click.command(short_help="Run a loopback exchange: Binance, its futures and Kraken, with play money.")
@setting_options(*FEED, LOG_LEVEL)
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", default=PORT, type=click.IntRange(0, 65_535), help=f"Port (default {PORT}; 0 is any free one).")
@click.option(
    "--user", "users", multiple=True, metavar="KEY:SECRET", help="Who trades (default demo:demo); again for more."
)
@click.option(
    "--balance", "balances", multiple=True, metavar="ASSET=AMOUNT", help="Play money of every user; again for more."
)
@click.option(
    "--face", "faces", multiple=True, type=click.Choice(FACES), help="What to open (default all); again for more."
)
@click.option(
    "--fees",
    metavar="MAKER,TAKER",
    help="Fees in percent; default 0.1,0.1 (Binance), 0.02,0.05 (its futures) and 0.25,0.4 (Kraken).",
)
@click.option(
    "--faults", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Faults to arm: a JSON list."
)
@click.option(
    "--fault-seed", default=7, type=int, metavar="NUMBER", help="Chance of faults and of the books (default 7)."
)
@click.option("--json", "as_json", is_flag=True, help="Tell what to connect to as one line of JSON.")
def exchange(
    *,
    host: str,
    port: int,
    users: tuple[str, ...],
    balances: tuple[str, ...],
    fees: str | None,
    faults: Path | None,
    fault_seed: int,
    as_json: bool,
    **given: Any,
) -> int:
    """A matching engine that speaks Binance spot and futures and Kraken spot, over any feed, with faults on demand.

    \b
    quorate exchange
    quorate exchange --feed simulated --pairs BTC/USDT ETH/USDT --balance USDT=5000
    quorate exchange --feed replay --data DIR --speed 1 --user alice:secret
    """
    from quorate.cli.console import Console
    from quorate.cli.ports import require_free
    from quorate.cli.running import run
    from quorate.ops.logs import configure_logs
    from quorate.wiring.exchange import DEMO, MONEY, ExchangeOptions, run_exchange

    chosen = dict(given)
    faces = chosen.pop("faces")
    chosen["pairs"] = chosen.get("pairs") or PAIRS
    settings = settings_from(chosen, on_paper=True)
    require_free(host, port)
    options = ExchangeOptions(
        host=host,
        port=port,
        users=[_user(text) for text in users] or [DEMO],
        balances=dict(_balance(text) for text in balances) or MONEY,
        fees=_fees(fees),
        faults=_faults(faults),
        fault_seed=fault_seed,
        faces=[face for face in FACES if face in faces] or FACES,
    )
    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(
            lambda: run_exchange(settings, options, told=lambda facts: console.facts(_told(facts, options.faces)))
        )
        if ended.stopped_by is not None:
            console.notice("Stopped.")
    return 0


def _told(facts: ExchangeFacts, faces: Sequence[str]) -> dict[str, Any]:
    """What to connect to."""
    ws = facts.url.replace("http", "ws", 1)
    addresses = {
        "binance": {
            "Binance": f"{facts.url}/api/v3",
            "Binance streams": f"{ws}/ws and {ws}/stream",
            "Binance API over WebSocket": f"{ws}/ws-api/v3",
        },
        "kraken": {"Kraken": f"{facts.url}/0", "Kraken WebSocket": f"{ws}/v2"},
        "binanceusdm": {
            "Binance futures": f"{facts.url}/fapi",
            "Binance futures streams": f"{ws}/public/ws, {ws}/market/ws and {ws}/private/ws",
            "Binance futures API over WebSocket": f"{ws}/ws-fapi/v1",
        },
    }
    return {
        "Feed": facts.feed,
        "Pairs": ", ".join(facts.pairs),
        **{name: address for face in faces for name, address in addresses[face].items()},
        "Faults and markets": f"{facts.url}/control/",
        "Keys": "; ".join(f"{user.key} / {user.secret} (Kraken {user.kraken_secret})" for user in facts.users),
        "How": "docs/exchange.md",
    }


def _user(text: str) -> User:
    from quorate.domain.errors import BadInput
    from quorate.wiring.exchange import User

    key, colon, secret = text.partition(":")
    if not colon or not key or not secret:
        raise BadInput(f"--user {text} is no KEY:SECRET.", hint="For example --user alice:wonderland.")
    return User(key=key, secret=secret)


def _balance(text: str) -> tuple[str, Decimal]:
    from quorate.domain.errors import BadInput

    asset, equals, amount = text.partition("=")
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal(-1)
    if not equals or not asset or not value.is_finite() or value < 0:
        raise BadInput(f"--balance {text} is no ASSET=AMOUNT.", hint="For example --balance USDT=5000.")
    return asset.upper(), value


def _fees(text: str | None) -> Fees | None:
    from quorate.domain.errors import BadInput
    from quorate.exchange import Fees

    if text is None:
        return None
    try:
        maker, taker = (int(Decimal(part) * 10_000) for part in text.split(","))
    except (InvalidOperation, ValueError, OverflowError):
        raise BadInput(f"--fees {text} is no MAKER,TAKER.", hint="In percent, for example --fees 0.02,0.05.") from None
    return Fees(maker_ppm=maker, taker_ppm=taker)


def _faults(file: Path | None) -> list[Fault]:
    import msgspec

    from quorate.domain.errors import BadInput
    from quorate.exchange.faults import Fault

    if file is None:
        return []
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Fault])
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise BadInput(f"{file} is no list of faults: {error}.", hint="docs/exchange.md shows one.") from error
