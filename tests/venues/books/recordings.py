"""Recorded streams of Kraken and Binance as frames with the instant they arrived at (UTC ms)."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Frame = tuple[int, bytes]
KRAKEN = "exchange-fixtures/kraken/cryptofeed/KRAKEN.ws.50.0"
SPOT = (
    "orderbook/hftbacktest-raw-ws/spot_btcusdt_20240808.gz",
    "orderbook/hftbacktest-raw-ws/spot_btcusdt_20240809.gz",
)
FUTURES = ("orderbook/hftbacktest-raw-ws/usdm_btcusdt_20240808.gz",)


def recordings_folder() -> Path:
    """Where recorded data is kept, if there is any."""
    named = os.environ.get("QUORATE_TEST_DATA")
    return Path(named) if named else Path(__file__).parents[4] / "shared" / "data"


def recorded(name: str) -> Path:
    """A recorded file; the test is skipped, loudly, where there is none."""
    path = recordings_folder() / name
    if not path.is_file():
        pytest.skip(f"no recorded stream {name}: set QUORATE_TEST_DATA to the folder of recorded data")
    return path


def kraken_frames() -> Iterator[Frame]:
    """Ten books of Kraken's v1 stream, 2021-04-17."""
    for line in recorded(KRAKEN).read_text(encoding="utf-8").splitlines():
        stamp, _, frame = line.partition(": ")
        if frame and "<" not in stamp:
            yield int(float(stamp) * 1000), frame.encode()


def kraken_v2_frames() -> Iterator[Frame]:
    """The same recording as v2 would have told it: numbers without trailing zeros, the same checksums."""
    for at_ms, frame in kraken_frames():
        told = json.loads(frame)
        if isinstance(told, list):
            yield at_ms, _as_v2(told)


def _as_v2(told: list[Any]) -> bytes:
    parts = {key: value for part in told[1:-2] for key, value in part.items()}

    def levels(*names: str) -> str:
        rows = [level for name in names for level in parts.get(name, [])]
        return ",".join(f'{{"price":{_number(price)},"qty":{_number(quantity)}}}' for price, quantity, *_ in rows)

    kind = "snapshot" if "as" in parts else "update"
    checksum = f',"checksum":{int(parts["c"])}' if "c" in parts else ""
    sides = f'"bids":[{levels("bs", "b")}],"asks":[{levels("as", "a")}]'
    return f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{told[-1]}",{sides}{checksum}}}]}}'.encode()


def _number(text: str) -> str:
    """A text as the shortest JSON number, which may have an exponent."""
    return repr(float(text)) if len(text.replace(".", "").lstrip("0")) < 16 else text


def binance_frames(names: tuple[str, ...]) -> Iterator[Frame]:
    """BTCUSDT, 2024-08-08, with the snapshot in line."""
    for name in names:
        with gzip.open(recorded(name)) as lines:
            for line in lines:
                stamp, _, frame = line.partition(b" ")
                yield int(stamp) // 1_000_000, frame
