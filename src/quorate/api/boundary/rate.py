"""How often one client may ask: a token bucket for each, in this process, the longest silent forgotten first."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

WINDOW_S = 60


@dataclass(slots=True)
class _Bucket:
    """What a client has left, and when that was counted."""

    left: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request is let in, how many more would be, and in how many seconds the next one is."""

    allowed: bool
    remaining: int
    wait_s: int
    limit: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """RateLimit and RateLimit-Policy as the IETF draft has them; Retry-After where it is refused."""
        found = [
            (b"ratelimit-policy", f'"default";q={self.limit};w={WINDOW_S}'.encode()),
            (b"ratelimit", f'"default";r={self.remaining};t={self.wait_s}'.encode()),
        ]
        return found if self.allowed else [*found, (b"retry-after", str(self.wait_s).encode())]


class RateLimit:
    """`per_minute` requests a minute for each client, all of them at once if it likes."""

    def __init__(self, *, per_minute: int, clients_max: int) -> None:
        self._limit = per_minute
        self._per_s = per_minute / WINDOW_S
        self._clients_max = clients_max
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admit(self, client: str, now_s: float) -> Admission:
        """Count one request of `client` at `now_s` of a clock that never goes back."""
        bucket = self._buckets.get(client)
        if bucket is None:
            if len(self._buckets) >= self._clients_max:
                self._buckets.popitem(last=False)
            bucket = self._buckets[client] = _Bucket(float(self._limit), now_s)
        else:
            self._buckets.move_to_end(client)
            bucket.left = min(float(self._limit), bucket.left + (now_s - bucket.at_s) * self._per_s)
            bucket.at_s = now_s
        if bucket.left < 1:
            return Admission(False, 0, max(1, math.ceil((1 - bucket.left) / self._per_s)), self._limit)
        bucket.left -= 1
        return Admission(True, int(bucket.left), math.ceil(1 / self._per_s), self._limit)
