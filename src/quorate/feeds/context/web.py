"""One bounded question over HTTP: so many bytes, so many redirects, and never an address or a key in an error."""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from statistics import median
from urllib.parse import urlsplit

import httpx

import quorate
from quorate.feeds.context.faults import SourceFault, malformed
from quorate.feeds.context.lane import Timepiece

USER_AGENT = f"quorate/{quorate.__version__} (self-hosted desk; reads public data)"
REDIRECTS_MAX = 3
CONNECTIONS_MAX = 32
CONNECT_S = 10.0
HOSTS_MAX = 100
RETRY_AFTER_S_DEFAULT = 30.0
GZIP_WINDOW = 31
REDIRECTS = (301, 302, 303, 307, 308)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def open_client() -> httpx.AsyncClient:
    """The client all sources share. Close it with `aclose`. Time is bounded by whoever asks."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        follow_redirects=False,
    )


class Web:
    """Asks by GET, through a shared client."""

    def __init__(self, client: httpx.AsyncClient, *, clock: Timepiece) -> None:
        self._client = client
        self._clock = clock
        self._skews: dict[str, int] = {}

    @property
    def skew_ms(self) -> int | None:
        """How far the servers' clocks are ahead of ours: the median of all hosts, which no single one can move."""
        return round(median(self._skews.values())) if self._skews else None

    async def get(
        self,
        url: str,
        *,
        bytes_max: int,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        redirects_max: int = 0,
    ) -> Answer:
        """The answer at `url`, of 2xx or 304. Errors: SourceFault.

        Redirects are for questions without keys only: headers go wherever they lead.
        """
        for _ in range(redirects_max + 1):
            answer = await self._once(url, params=params, headers=headers, bytes_max=bytes_max)
            if answer.status not in REDIRECTS:
                return answer
            url, params = _followed(url, answer.headers.get("location", "")), None
        raise SourceFault("refused", "It sends us elsewhere, and from there elsewhere.", hint="Check its address.")

    async def _once(
        self, url: str, *, params: Mapping[str, str] | None, headers: Mapping[str, str] | None, bytes_max: int
    ) -> Answer:
        # An exception's own text may hold the address or a header: only its kind is told on.
        try:
            async with self._client.stream("GET", url, params=params, headers=dict(headers or {})) as response:
                told = {name.lower(): value for name, value in response.headers.items()}
                self._judge(response.status_code, told)
                body = await _body(response, bytes_max)
                self._measure(response.url.host, told)
                return Answer(response.status_code, told, body)
        except httpx.TimeoutException:
            raise SourceFault("timeout", "No connection in time.") from None
        except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError) as error:
            raise SourceFault("down", f"It cannot be reached ({type(error).__name__}).") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SourceFault(
                "refused", f"It cannot be asked ({type(error).__name__}).", hint="Check its address."
            ) from None

    def _measure(self, host: str, headers: Mapping[str, str]) -> None:
        at_ms = _date_ms(headers.get("date", ""))
        if at_ms is not None and (host in self._skews or len(self._skews) < HOSTS_MAX):
            self._skews[host] = at_ms - self._clock.now_ms()

    def _judge(self, status: int, headers: Mapping[str, str]) -> None:
        if 200 <= status < 300 or status == NOT_MODIFIED or status in REDIRECTS:
            return
        if status == 429:
            wait_s = retry_after_s(headers, self._clock.now_ms())
            raise SourceFault("throttled", "It wants fewer questions (429).", retry_after_s=wait_s)
        if status in (401, 403):
            raise SourceFault("refused", f"It refuses us ({status}).", hint="Check the key and what it may do.")
        if status >= 500 or status in (408, 425):
            wait_s = retry_after_s(headers, self._clock.now_ms()) if "retry-after" in headers else None
            raise SourceFault("down", f"It fails ({status}).", retry_after_s=wait_s)
        raise SourceFault("refused", f"It has no such answer ({status}).", hint="Check its address.")


def retry_after_s(headers: Mapping[str, str], now_ms: int) -> float:
    """How long a server wants to be left alone: Retry-After in seconds or as a date, else a default."""
    told = headers.get("retry-after", "")
    try:
        seconds = float(told)
    except ValueError:
        at_ms = _date_ms(told)
        seconds = RETRY_AFTER_S_DEFAULT if at_ms is None else (at_ms - now_ms) / 1000
    return max(seconds, 0.0) if seconds < float("inf") else RETRY_AFTER_S_DEFAULT


async def _body(response: httpx.Response, bytes_max: int) -> bytes:
    """The whole body, unpacked; what unpacks to more than `bytes_max` is never held."""
    packing = response.headers.get("content-encoding", "identity").lower()
    if packing not in ("identity", "gzip", "x-gzip", ""):
        raise malformed(f"is packed as {packing[:20]!r}, which was not asked for")
    unpack = zlib.decompressobj(GZIP_WINDOW) if "gzip" in packing else None
    parts: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        try:
            part = chunk if unpack is None else unpack.decompress(chunk, bytes_max + 1)
        except zlib.error as error:
            raise malformed("cannot be unpacked") from error
        size += len(part)
        if size > bytes_max:
            raise SourceFault("too_large", f"The answer is larger than {bytes_max} bytes.")
        parts.append(part)
    return b"".join(parts)


def _followed(url: str, location: str) -> str:
    """Where a redirect leads, if we go there: never from https to http, never from outside to this network."""
    try:
        target = httpx.URL(url).join(location)
    except (httpx.InvalidURL, ValueError):
        raise malformed("sends us to an address that is none") from None
    here = urlsplit(url)
    if target.scheme not in ("http", "https") or (here.scheme == "https" and target.scheme == "http"):
        raise SourceFault("refused", "It sends us to an address that is not safe.", hint="Check its address.")
    if target.host != here.hostname and _inside(target.host):
        raise SourceFault("refused", "It sends us into this network.", hint="Check its address.")
    return str(target)


def _inside(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


def _date_ms(text: str) -> int | None:
    try:
        return round(parsedate_to_datetime(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
