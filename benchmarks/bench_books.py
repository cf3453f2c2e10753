"""Order books with all their checks on recorded streams: an update is one level that changed, a frame carries several.

`QUORATE_TEST_DATA=... python -m benchmarks.bench_books` prints rates per CPU second of one core, the best of several
rounds, from the bytes of the socket to the state of the book: decoding, sequence, crossing and, at Kraken, a checksum
for every frame. The floor decodes the same frames into plain JSON and does nothing else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from quorate.venues.books.binance import BinanceBook, Numbering, read_snapshot
from quorate.venues.books.kraken import BookMessage, KrakenBook
from quorate.venues.books.shelf import BookShelf, binance_shelf, kraken_shelf, kraken_v1_shelf
from quorate.venues.books.status import BookState
from tests.venues.books.recordings import (
    FUTURES,
    SPOT,
    Frame,
    binance_frames,
    kraken_frames,
    kraken_v2_frames,
    recordings_folder,
)
from tests.venues.books.test_recorded import DECIMALS

AIM = 50_000
ROUNDS = 5


def binance(frames: Sequence[Frame], numbering: Numbering) -> None:
    """Run the frames through a book; it has to end live and without a fault."""
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=numbering, at_ms=frames[0][0])
    shelf = binance_shelf([book])
    for at_ms, frame in frames:
        if frame[:15] == b'{"lastUpdateId"':
            book.take_snapshot(read_snapshot(frame), at_ms)
        else:
            shelf.take(frame, at_ms)
    assert book.integrity.state is BookState.LIVE
    assert not book.integrity.faults


Shelving = Callable[[Iterable[KrakenBook]], BookShelf[BookMessage]]


def kraken(frames: Sequence[Frame], shelving: Shelving) -> None:
    """The same for ten books of one connection; every checksum has to agree."""
    books = kraken_books()
    shelf = shelving(books)
    for at_ms, frame in frames:
        shelf.take(frame, at_ms)
    assert sum(book.checked for book in books) == 4_269


def kraken_books() -> list[KrakenBook]:
    """Ten empty books."""
    return [
        KrakenBook(pair, pair, price_decimals=decimals, quantity_decimals=8, depth=1_000, at_ms=0)
        for pair, decimals in DECIMALS.items()
    ]


def kraken_updates_s(frames: Sequence[Frame], shelving: Shelving) -> float:
    """Updates per CPU second, the snapshots already in."""
    snapshots = [entry for entry in frames if b'"as":' in entry[1] or b'"snapshot"' in entry[1]]
    updates = [entry for entry in frames if b'"c":' in entry[1] or b'"checksum"' in entry[1]]
    found: list[float] = []
    for _ in range(ROUNDS):
        books = kraken_books()
        shelf = shelving(books)
        for at_ms, frame in snapshots:
            shelf.take(frame, at_ms)
        began = time.process_time()
        for at_ms, frame in updates:
            shelf.take(frame, at_ms)
        found.append(time.process_time() - began)
        assert sum(book.checked for book in books) == len(updates)
    return len(updates) / min(found)


def decode(frames: Sequence[Frame]) -> None:
    """The floor: the same frames into plain JSON."""
    for _, frame in frames:
        msgspec.json.decode(frame)


def best_s(work: Callable[[], None]) -> float:
    """CPU seconds of the best round."""
    found: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def levels_in(frame: bytes) -> int:
    """Levels that a depth or book frame changes."""
    told = json.loads(frame)
    if isinstance(told, list):
        return sum(len(levels) for part in told[1:-2] for side, levels in part.items() if side != "c")
    told = told.get("data", told)
    told = told[0] if isinstance(told, list) else told
    return len(told.get("b", told.get("bids", ()))) + len(told.get("a", told.get("asks", ())))


def tell(name: str, frames: Sequence[Frame], work: Callable[[], None]) -> None:
    """One line for one recording."""
    updates = sum(levels_in(frame) for _, frame in frames)
    took = best_s(work)
    floor = best_s(lambda: decode(frames))
    word = "ok" if updates / took >= AIM else "BELOW"
    print(
        f"{name:<22} {updates / took:>10,.0f} updates/s (aim {AIM:,}, {word})  {len(frames) / took:>8,.0f} frames/s  "
        f"{took / updates * 1e6:.2f} µs per update, {took / floor:.1f} × plain decoding"
    )


def main() -> None:
    """Measure and print; nothing where there are no recordings."""
    if not recordings_folder().is_dir():
        print("no recorded streams: set QUORATE_TEST_DATA to the folder of recorded data")
        return
    snapshot = b'{"lastUpdateId"'
    for name, files, numbering in (
        ("binance spot", SPOT, Numbering.SPOT),
        ("binance usdm", FUTURES, Numbering.FUTURES),
    ):
        frames = [entry for entry in binance_frames(files) if b"@depth" in entry[1][:60] or entry[1][:15] == snapshot]
        tell(name, frames, lambda frames=frames, numbering=numbering: binance(frames, numbering))
    older = [entry for entry in kraken_frames() if b'"book-1000","' in entry[1] and entry[1][:1] == b"["]
    newer = list(kraken_v2_frames())
    for name, frames, shelving in (("kraken v1", older, kraken_v1_shelf), ("kraken v2", newer, kraken_shelf)):
        tell(f"{name}, 10 books", frames, lambda frames=frames, shelving=shelving: kraken(frames, shelving))
        rate = kraken_updates_s(frames, shelving)
        print(f"{name}, snapshots left out: {rate:,.0f} frames/s, each with its checksum")


if __name__ == "__main__":
    main()
