"""The hash chain: how an entry is tied to the one before it, and how a whole chain is checked.

    hash = SHA-256(previous hash ‖ seq ‖ account ‖ kind ‖ SHA-256(canonical body))

written down exactly: the previous hash is 32 bytes (32 zero bytes before the first entry); `seq` is the entry's whole
position, the epoch and then the sequence number, each as an unsigned 64-bit big-endian integer; account and kind are
UTF-8, each after its length in bytes as an unsigned 32-bit big-endian integer; the digest is 32 bytes. Nothing can be
moved from one field to the next without changing the hash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

GENESIS = bytes(32)
"""The hash before the first entry."""
HASH_BYTES = 32
_POSITION = Struct(">32sQQ")
_LENGTH = Struct(">I")


def link(previous: bytes, epoch: int, seq: int, account: str, kind: str, digest: bytes) -> bytes:
    """The hash of the entry at (`epoch`, `seq`), given the hash of the one before it."""
    account_bytes, kind_bytes = account.encode(), kind.encode()
    return sha256(
        b"".join(
            (
                _POSITION.pack(previous, epoch, seq),
                _LENGTH.pack(len(account_bytes)),
                account_bytes,
                _LENGTH.pack(len(kind_bytes)),
                kind_bytes,
                digest,
            )
        )
    ).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """One stored entry, as far as the chain is concerned."""

    epoch: int
    seq: int
    account: str
    kind: str
    body: bytes
    digest: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain claims to end."""

    epoch: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain: where, a stable word for what, and a sentence."""

    epoch: int
    seq: int
    what: str
    """body, link, missing, order or head."""
    sentence: str


class ChainCheck:
    """Walks a chain entry by entry and remembers the first fault. Feed it in order with `add`, end with `finish`."""

    def __init__(self) -> None:
        self.entries = 0
        self.fault: Fault | None = None
        self._epoch = 0
        self._seq = 0
        self._hash = GENESIS

    def add(self, links: Iterable[Link]) -> bool:
        """Check these; False once a fault was found, after which there is nothing more to learn."""
        for entry in links:
            if self.fault is not None:
                return False
            self.fault = self._fault_in(entry)
            if self.fault is None:
                self.entries += 1
                self._epoch, self._seq, self._hash = entry.epoch, entry.seq, entry.hash
        return self.fault is None

    def finish(self, head: Head) -> Fault | None:
        """The first fault, the head's own included: entries cut off the end show here."""
        if self.fault is None and (self._seq, self._hash) != (head.seq, head.hash):
            if self._seq < head.seq:
                sentence = f"the head is at {head.seq}, the last entry at {self._seq}: the tail was cut off"
            elif self._seq > head.seq:
                sentence = f"the head is at {head.seq}, but entries go on to {self._seq}"
            else:
                sentence = f"the head's hash is not that of entry {head.seq}"
            self.fault = Fault(head.epoch, head.seq, "head", sentence)
        return self.fault

    def _fault_in(self, entry: Link) -> Fault | None:
        def fault(what: str, sentence: str) -> Fault:
            return Fault(entry.epoch, entry.seq, what, sentence)

        if entry.epoch < self._epoch or (self._epoch and entry.seq <= self._seq):
            return fault("order", f"entry {entry.seq} comes after entry {self._seq}")
        if entry.seq != self._seq + 1:
            gone = f"{self._seq + 1}" if entry.seq == self._seq + 2 else f"{self._seq + 1} to {entry.seq - 1}"
            return fault("missing", f"entry {gone} is missing before entry {entry.seq}")
        if sha256(entry.body).digest() != entry.digest:
            return fault("body", f"the body of entry {entry.seq} is not the one that was written")
        if link(self._hash, entry.epoch, entry.seq, entry.account, entry.kind, entry.digest) != entry.hash:
            return fault("link", f"entry {entry.seq} does not follow from entry {self._seq}: it was changed or moved")
        return None
