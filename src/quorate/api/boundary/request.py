"""One request as the boundary sees it: its headers, its client, and whether the desk's own page sent it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from quorate.api.settings import LOOPBACK_HOSTS

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
FORWARDING = ("x-forwarded-for", "forwarded", "via", "x-real-ip")
"""Headers that a proxy leaves: a request that has one did not come from this machine's own browser."""
HOPS_MAX = 20
LOCAL_CLIENT = "local"
"""Name of a client without an address: one that came over a Unix socket."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request that decide whether it is let in."""

    method: str
    path: str
    headers: dict[str, str]
    peer: str
    client: str
    """The address that is counted: the peer's, or what a trusted proxy says."""

    @property
    def host(self) -> str:
        """The name in the Host header, in small letters, without its port; empty where there is none."""
        return host_name(self.headers.get("host", ""))

    @property
    def own_page(self) -> bool:
        """Whether the desk's own page, in a browser on this machine, sent this.

        That is: the connection comes from loopback, no proxy had its hands on it, the Host is a loopback name, and the
        browser itself says that the request is same-origin. A program can pretend all of it, but only from here.
        """
        if not is_loopback(self.peer) or self.host not in LOOPBACK_HOSTS:
            return False
        if any(name in self.headers for name in FORWARDING):
            return False
        return self.headers.get("sec-fetch-site") == "same-origin" or self.same_origin

    @property
    def same_origin(self) -> bool:
        """Whether an Origin header is there and names the very host and port that is asked."""
        origin = self.headers.get("origin")
        return origin is not None and urlsplit(origin).netloc.lower() == self.headers.get("host", "").lower()


def asked_of(scope: dict[str, Any], trusted: Sequence[Network]) -> Asked:
    """Read an ASGI scope. Of a repeated header the last one counts."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    peer = scope["client"][0] if scope.get("client") else LOCAL_CLIENT
    client = client_of(peer, headers.get("x-forwarded-for"), trusted)
    return Asked(scope["method"], scope["path"], headers, peer, client)


def client_of(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The first address, seen from our side, that is not a trusted proxy. Without trusted proxies that is the peer."""
    if forwarded_for is None or not _within(peer, trusted):
        return peer
    hops = [hop.strip() for hop in forwarded_for.split(",")][-HOPS_MAX:]
    for hop in reversed(hops):
        if _address(hop) is None:
            return peer
        if not _within(hop, trusted):
            return hop
    return hops[0]


def host_name(value: str) -> str:
    """The name of a `host[:port]`, in small letters; an IPv6 address comes without its brackets."""
    value = value.strip().lower()
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0].rstrip(".")


def is_loopback(address: str) -> bool:
    """Whether the address is this machine's own."""
    found = _address(address)
    return found is not None and found.is_loopback


def _within(address: str, networks: Sequence[Network]) -> bool:
    found = _address(address)
    return found is not None and any(found in network for network in networks)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
