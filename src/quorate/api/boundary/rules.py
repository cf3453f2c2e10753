"""Whether a request is let in at all: Host, Origin and token. Plain functions of the request and the settings.

Until there are accounts the API listens on loopback and trusts whoever is there; what it must not trust is a web page
from elsewhere that uses the visitor's browser as its messenger. Host is checked against DNS rebinding, Origin and the
browser's own Sec-Fetch-Site against requests from other sites. Any other bind needs a token.
"""

from __future__ import annotations

import hmac

from quorate.api.boundary.request import Asked, host_name
from quorate.api.problems import HOST_REFUSED, JOB_PATHS, ORIGIN_REFUSED, TOKEN_NEEDED, ProblemRaised
from quorate.api.settings import LOOPBACK_HOSTS, ApiSettings

LIVE = "/v1/status/live"
API_PREFIXES = ("/api/", "/v1/")
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  recognised here, never bound


def check_bind(settings: ApiSettings) -> str | None:
    """Why the API must not listen as it is told to, as a sentence; None when it may."""
    if settings.host in LOOPBACK_HOSTS or settings.token is not None:
        return None
    return f"Listening on {settings.host} would let other machines in without asking who they are."


def check(asked: Asked, settings: ApiSettings) -> None:
    """Raise the problem that keeps this request out, if there is one."""
    _check_host(asked, settings)
    _check_origin(asked, settings)
    _check_token(asked, settings)


def allowed_origin(asked: Asked, settings: ApiSettings) -> str | None:
    """The Origin that may read the answer from another site; None when nothing has to be said."""
    origin = asked.headers.get("origin")
    return origin if origin in settings.origins else None


def is_api(path: str) -> bool:
    """Whether the path belongs to the API and not to the page."""
    return path.startswith(API_PREFIXES) or path == "/metrics"


def is_counted(asked: Asked) -> bool:
    """Whether the request counts against its client's rate: the API does, the page's files and its own calls do not."""
    return is_api(asked.path) and asked.path != LIVE and not asked.own_page


def _check_host(asked: Asked, settings: ApiSettings) -> None:
    if settings.token is not None and not settings.hosts and settings.host in ANY_ADDRESS:
        # Listening everywhere under names nobody listed: the token alone decides.
        return
    named = {host_name(host) for host in settings.hosts}
    if asked.host not in LOOPBACK_HOSTS and asked.host not in named and asked.host != settings.host.lower():
        raise ProblemRaised(
            HOST_REFUSED, "This desk does not answer under that name. Add it to api.hosts if it should.", headers={}
        )


def _check_origin(asked: Asked, settings: ApiSettings) -> None:
    origin = asked.headers.get("origin")
    if origin is not None:
        if not asked.same_origin and origin not in settings.origins:
            raise _foreign()
        return
    site = asked.headers.get("sec-fetch-site", "none")
    if site in ("cross-site", "same-site") and (
        is_api(asked.path) or asked.headers.get("sec-fetch-mode") != "navigate"
    ):
        # No Origin, yet from another site: an image, a script or a form of somebody else's page.
        raise _foreign()


def _foreign() -> ProblemRaised:
    return ProblemRaised(ORIGIN_REFUSED, "Requests from that site are not answered. Add its origin to api.origins.")


def _check_token(asked: Asked, settings: ApiSettings) -> None:
    if settings.token is None or asked.path == LIVE or asked.method == "OPTIONS":
        return
    accepted = [settings.token]
    if settings.cron_secret is not None and asked.path in JOB_PATHS:
        accepted.append(settings.cron_secret)
    scheme, _, given = asked.headers.get("authorization", "").partition(" ")
    matches = [hmac.compare_digest(given.strip().encode(), each.encode()) for each in accepted]
    if scheme.lower() != "bearer" or not any(matches):
        raise ProblemRaised(
            TOKEN_NEEDED,
            "This desk listens beyond its own machine and needs api.token as bearer token.",
            headers={"WWW-Authenticate": 'Bearer realm="quorate"'},
        )
