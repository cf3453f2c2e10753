"""The control endpoint: faults, and what an exchange does to its clients, on request from this machine.

`GET /control/` says what there is. Every change is one JSON object; what is wrong with it is answered with 400.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import cast

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from quorate.domain.errors import BadInput, QuorateError
from quorate.exchange.driving import Drive
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.specs import Filters
from quorate.exchange.engine.words import Trading
from quorate.exchange.faults.faults import Faults
from quorate.exchange.faults.knobs import Fault

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
OPEN_TO = "The control endpoint is open to this machine only."
STEP_FILTERS = frozenset({"price_step", "price_min", "price_max"})
LOT_FILTERS = frozenset({"lot_step", "lots_min", "lots_max", "market_lots_max", "position_lots_max"})
VALUE_FILTERS = frozenset({"notional_min", "notional_max"})
LOG_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Controlled:
    """One exchange under control. `add_account` takes key, secret and account."""

    engine: Engine
    clock: Callable[[], int]
    add_account: Callable[[str, str, str], None]
    fund: Callable[[str, int, bool], None] | None = None
    """Where contracts are traded: sets a contract's rate, in thousand-millionths, and settles it if asked to."""


class Control:
    """Carries out what is asked for. `drive` may be None where the caller moves the market itself."""

    def __init__(self, faults: Faults, venues: Mapping[str, Controlled], drive: Drive | None) -> None:
        self._faults = faults
        self._venues = venues
        self._drive = drive

    def show(self) -> dict[str, object]:
        """What there is and how it stands."""
        return {
            "venues": {
                name: {symbol: listing.trading.value for symbol, listing in venue.engine.listings.items()}
                for name, venue in self._venues.items()
            },
            "faults": self.armed(),
            "struck": len(self._faults.log),
            "frozen": self._drive.frozen if self._drive else None,
        }

    def arm(self, told: Mapping[str, object]) -> dict[str, object]:
        """Arm a fault; the fields are those of `Fault`."""
        fault = msgspec.convert(told, Fault)
        unknown = set(told) - set(asdict(fault))
        if unknown:
            raise BadInput(f"A fault has no field {min(unknown)!r}.")
        return {"id": self._faults.arm(fault)}

    def armed(self) -> list[dict[str, object]]:
        """Faults in force."""
        return [{"id": armed.id, "struck": armed.struck, **asdict(armed.fault)} for armed in self._faults.armed]

    def struck(self) -> list[dict[str, object]]:
        """The newest strikes, oldest first."""
        return [asdict(struck) for struck in list(self._faults.log)[-LOG_ROWS:]]

    def change_market(self, venue: str, symbol: str, told: Mapping[str, object]) -> dict[str, object]:
        """Halt, reopen or delist a market (`trading`), and give it other filters (`filters`, in plain amounts)."""
        known = self._venue(venue)
        listing = known.engine.listing(symbol)
        if "filters" in told:
            filters = _filters(known.engine, listing, cast("Mapping[str, object]", told["filters"]))
            known.engine.change_filters(symbol, filters, at_ms=known.clock())
        if "trading" in told:
            known.engine.set_trading(symbol, msgspec.convert(told["trading"], Trading), at_ms=known.clock())
        return {"symbol": symbol, "trading": listing.trading.value, "filters": asdict(listing.spec.filters)}

    def bust(self, venue: str, symbol: str, trade_id: int) -> dict[str, object]:
        """Declare a trade void."""
        known = self._venue(venue)
        trade = known.engine.bust(symbol, trade_id, at_ms=known.clock())
        return {"id": trade.id, "symbol": symbol}

    def move_money(self, venue: str, told: Mapping[str, object]) -> dict[str, object]:
        """Deposit (`amount` above zero) or withdraw, for `account` and `asset`."""
        known = self._venue(venue)
        account, asset = str(told.get("account", "")), str(told.get("asset", ""))
        known.engine.move(account, asset, _amount(told.get("amount")), at_ms=known.clock())
        return {"account": account, "asset": asset}

    def set_funding(self, venue: str, symbol: str, told: Mapping[str, object]) -> dict[str, object]:
        """Choose the funding rate of a contract (`rate`, as a share: 0.0001), and settle it now (`settle`)."""
        known = self._venue(venue)
        known.engine.listing(symbol)
        if known.fund is None:
            raise BadInput(f"{venue} trades coins, which bear no funding.")
        rate_ppb = int(_amount(told.get("rate")).scaleb(9))
        known.fund(symbol, rate_ppb, bool(told.get("settle")))
        return {"symbol": symbol, "rate_ppb": rate_ppb}

    def open_account(self, told: Mapping[str, object]) -> dict[str, object]:
        """A new account at every exchange: `key`, `secret`, and `balances` as a table of amounts."""
        key, secret = str(told.get("key", "")), str(told.get("secret", ""))
        balances = cast("Mapping[str, object]", told.get("balances", {}))
        if not key or not secret:
            raise BadInput("A new account needs a key and a secret.")
        for venue in self._venues.values():
            if key in venue.engine.accounts:
                raise BadInput(f"There is an account {key!r} already.")
            money = {asset: _amount(amount) for asset, amount in balances.items()}
            venue.engine.open_account(key, money, at_ms=venue.clock())
            venue.add_account(key, secret, key)
        return {"account": key}

    def freeze(self, told: Mapping[str, object]) -> dict[str, object]:
        """Let the outside market stand still, or go on."""
        if self._drive is None:
            raise BadInput("There is no feed to freeze.")
        self._drive.frozen = bool(told.get("frozen"))
        return {"frozen": self._drive.frozen}

    def disarm(self, fault_id: int) -> dict[str, object]:
        """Take one fault out of force, or all of them with 0."""
        if not fault_id:
            self._faults.clear()
        elif not self._faults.disarm(fault_id):
            raise BadInput(f"There is no fault {fault_id}.")
        return {"armed": len(self._faults.armed)}

    def _venue(self, name: str) -> Controlled:
        known = self._venues.get(name)
        if known is None:
            raise BadInput(f"There is no exchange {name!r} here.", hint=f"There are: {', '.join(self._venues)}.")
        return known


def control_app(control: Control) -> Starlette:
    """The endpoint as an ASGI application, to be mounted at the root: its paths begin with /control."""

    def path(request: Request, name: str) -> str:
        return str(request.path_params[name])

    async def disarm(request: Request) -> object:
        return control.disarm(int(request.path_params.get("id", 0)))

    async def change(request: Request) -> object:
        return control.change_market(path(request, "venue"), path(request, "symbol"), await _object(request))

    async def bust(request: Request) -> object:
        number = int(request.path_params["id"])
        return control.bust(path(request, "venue"), path(request, "symbol"), number)

    async def money(request: Request) -> object:
        return control.move_money(path(request, "venue"), await _object(request))

    async def arm(request: Request) -> object:
        return control.arm(await _object(request))

    async def funding(request: Request) -> object:
        return control.set_funding(path(request, "venue"), path(request, "symbol"), await _object(request))

    async def account(request: Request) -> object:
        return control.open_account(await _object(request))

    async def freeze(request: Request) -> object:
        return control.freeze(await _object(request))

    table = (
        ("/control/", "GET", _told(control.show)),
        ("/control/faults", "GET", _told(control.armed)),
        ("/control/faults", "POST", arm),
        ("/control/faults", "DELETE", disarm),
        ("/control/faults/{id:int}", "DELETE", disarm),
        ("/control/struck", "GET", _told(control.struck)),
        ("/control/accounts", "POST", account),
        ("/control/feed", "POST", freeze),
        ("/control/{venue}/markets/{symbol:path}", "POST", change),
        ("/control/{venue}/deposits", "POST", money),
        ("/control/{venue}/funding/{symbol:path}", "POST", funding),
        ("/control/{venue}/bust/{id:int}/{symbol:path}", "POST", bust),
    )
    return Starlette(routes=[Route(place, _endpoint(answer), methods=[method]) for place, method, answer in table])


def _told(question: Callable[[], object]) -> Callable[[Request], Awaitable[object]]:
    async def tell(_: Request) -> object:
        return question()

    return tell


def _endpoint(answer: Callable[[Request], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        if request.client is None or request.client.host not in LOOPBACK:
            return JSONResponse({"error": OPEN_TO}, status_code=403)
        try:
            return JSONResponse(msgspec.to_builtins(await answer(request)))
        except QuorateError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except msgspec.ValidationError as error:
            return JSONResponse({"error": f"{error}."}, status_code=400)

    return serve


async def _object(request: Request) -> dict[str, object]:
    try:
        read: object = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        raise BadInput("The body is no JSON.") from None
    if not isinstance(read, dict):
        raise BadInput("The body is no JSON object.")
    return cast("dict[str, object]", read)


def _filters(engine: Engine, listing: Listing, told: Mapping[str, object]) -> Filters:
    """The filters of a market with some of them changed; amounts are plain, counts are counts."""
    changes: dict[str, int] = {}
    for name, value in told.items():
        if name not in Filters.__dataclass_fields__:
            raise BadInput(
                f"There is no filter {name!r}.", hint=f"There are: {', '.join(Filters.__dataclass_fields__)}."
            )
        if name in STEP_FILTERS:
            count = listing.spec.ticks(_amount(value))
        elif name in LOT_FILTERS:
            count = listing.spec.lots(_amount(value))
        elif name in VALUE_FILTERS:
            count = engine.atoms(listing.spec.quote, _amount(value))
        else:
            count = int(_amount(value))
        if count is None:
            raise BadInput(f"{value} is finer than the grid of {listing.spec.symbol}.")
        changes[name] = count
    return replace(listing.spec.filters, **changes)


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise BadInput(f"{value!r} is no number.") from None
    if not amount.is_finite():
        raise BadInput(f"{value!r} is no number.")
    return amount
