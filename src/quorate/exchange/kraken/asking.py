"""What a client asks for when it places an order, from REST's text or the socket's JSON, as one kind of wish.

A wish becomes an order of the engine here too; what the engine has no field for travels in the order's tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import msgspec

from quorate.exchange import FeeIn, Kind, MarketSpec, NewOrder, Order, SelfTrade, Side, TimeInForce
from quorate.exchange.kraken.errors import KrakenRefusal, invalid
from quorate.exchange.kraken.figures import SECONDS_MAX, flag, from_rfc3339, number, whole
from quorate.exchange.kraken.pairs import KrakenPair, PairTable

USERREF_MAX = 2**31 - 1
CLIENT_TEXT_MAX = 18
UUID = re.compile(r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")
KINDS = {
    "market": Kind.MARKET,
    "limit": Kind.LIMIT,
    "stop-loss": Kind.STOP_LOSS,
    "stop-loss-limit": Kind.STOP_LOSS_LIMIT,
    "take-profit": Kind.TAKE_PROFIT,
    "take-profit-limit": Kind.TAKE_PROFIT_LIMIT,
    "trailing-stop": Kind.STOP_LOSS,
    "trailing-stop-limit": Kind.STOP_LOSS_LIMIT,
}
TRAILING = frozenset({"trailing-stop", "trailing-stop-limit"})
WITH_TRIGGER = frozenset(KINDS) - {"market", "limit"}
TIMES = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "GTD": TimeInForce.GTC}
PREVENTION = {
    "cancel-newest": SelfTrade.EXPIRE_TAKER,
    "cancel_newest": SelfTrade.EXPIRE_TAKER,
    "cancel-oldest": SelfTrade.EXPIRE_MAKER,
    "cancel_oldest": SelfTrade.EXPIRE_MAKER,
    "cancel-both": SelfTrade.EXPIRE_BOTH,
    "cancel_both": SelfTrade.EXPIRE_BOTH,
}
SIDES = {side.value: side for side in Side}
FLAGS = frozenset({"post", "fcib", "fciq", "nompp", "viqc"})
PERCENT_PPM = 10_000
DEADLINE_MS_MAX = 60_000


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What Kraken remembers of an order beyond what the engine does."""

    ordertype: str = "limit"
    userref: int = 0
    oflags: tuple[str, ...] = ("fciq",)
    expires_ms: int = 0
    trigger: str = "last"
    trail: str = ""
    """The distance of a trailing order as it was asked for ("+5.0%"); told instead of a price."""
    trail_limit: str = ""

    @property
    def time_in_force(self) -> str:
        """As clients ask for it; the engine's order knows IOC."""
        return "GTD" if self.expires_ms else "GTC"


_NOTE = msgspec.json.Decoder(Note)


def note_of(order: Order) -> Note:
    """The note of an order; of one that came another way, what its kind implies."""
    if not order.asked.tag:
        return Note(ordertype=order.asked.kind.value, oflags=("post", "fciq") if order.asked.post_only else ("fciq",))
    return _NOTE.decode(order.asked.tag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An order as its client asks for it, before anything about the market was looked at."""

    pair: KrakenPair
    side: Side
    ordertype: str
    volume: Decimal
    price: str = ""
    price2: str = ""
    userref: int = 0
    client_id: str = ""
    oflags: frozenset[str] = frozenset()
    time_in_force: str = "GTC"
    expires_ms: int = 0
    prevention: SelfTrade = SelfTrade.EXPIRE_TAKER
    trigger: str = "last"
    deadline_ms: int = 0
    validate: bool = False


def from_rest(arguments: Mapping[str, object], pairs: PairTable, at_ms: int) -> Wish:
    """The order that an AddOrder call asks for. Errors: KrakenRefusal."""
    text = {name: str(value) for name, value in arguments.items() if value is not None}
    _refuse_what_is_not_traded(arguments)
    flags = frozenset(filter(None, text.get("oflags", "").split(",")))
    expires_ms = _moment(text.get("expiretm", "0"), "expiretm", at_ms)
    if _moment(text.get("starttm", "0"), "starttm", at_ms):
        raise invalid("starttm")
    return Wish(
        pair=pairs.named(text.get("pair", "")),
        side=_side(text.get("type")),
        ordertype=_ordertype(text.get("ordertype")),
        volume=number(text.get("volume", ""), "volume"),
        price=text.get("price", ""),
        price2=text.get("price2", ""),
        userref=_userref(text.get("userref", "0")),
        client_id=client_id(text.get("cl_ord_id", "")),
        oflags=_flags(flags),
        time_in_force=_time(text.get("timeinforce", "GTC"), expires_ms),
        expires_ms=expires_ms,
        prevention=_prevention(text.get("stptype", "cancel-newest")),
        trigger=_trigger(text.get("trigger", "last")),
        deadline_ms=_deadline(text.get("deadline", ""), at_ms),
        validate=flag(text.get("validate", "")),
    )


def from_socket(arguments: Mapping[str, object], pairs: PairTable, at_ms: int) -> Wish:
    """The order that an add_order message asks for. Errors: KrakenRefusal."""
    pair = pairs.streamed(arguments.get("symbol"))
    if pair is None:
        raise KrakenRefusal(f"EGeneral:Invalid arguments:Currency pair not supported {arguments.get('symbol')}")
    _refuse_what_is_not_traded(arguments)
    expires_ms = _deadline(str(arguments.get("expire_time") or ""), None)
    ordertype = _ordertype(arguments.get("order_type"))
    chosen = {"post"} if flag(arguments.get("post_only")) else set[str]()
    chosen |= {preference for preference in ("fcib", "fciq") if arguments.get("fee_preference") == preference}
    volume, in_quote = arguments.get("order_qty"), arguments.get("cash_order_qty")
    price, price2 = _socket_prices(arguments, ordertype)
    return Wish(
        pair=pair,
        side=_side(arguments.get("side")),
        ordertype=ordertype,
        volume=number(in_quote if in_quote is not None else volume, "order_qty"),
        price=price,
        price2=price2,
        userref=_userref(arguments.get("order_userref", 0)),
        client_id=client_id(str(arguments.get("cl_ord_id") or "")),
        oflags=frozenset(chosen | ({"viqc"} if in_quote is not None else set())),
        time_in_force=_time(str(arguments.get("time_in_force") or "GTC"), expires_ms),
        expires_ms=expires_ms,
        prevention=_prevention(str(arguments.get("stp_type") or "cancel_newest")),
        trigger=_trigger(str(_inner(arguments, "triggers").get("reference") or "last")),
        deadline_ms=_deadline(str(arguments.get("deadline") or ""), at_ms),
        validate=flag(arguments.get("validate")),
    )


def to_order(wish: Wish, spec: MarketSpec, account: str, *, last_ticks: int) -> NewOrder:
    """The engine's order for a wish. `last_ticks` is what relative prices are relative to. Errors: KrakenRefusal."""
    kind, trails = KINDS[wish.ordertype], wish.ordertype in TRAILING
    first = second = 0
    trail_ppm = trail_ticks = limit_offset = 0
    if trails:
        trail_ppm, trail_ticks = _distance(wish.price, spec, wish.pair)
        limit_offset = _offset(wish.price2, spec, wish.pair) if kind is Kind.STOP_LOSS_LIMIT else 0
    elif kind is not Kind.MARKET:
        first = _price(wish.price, "price", spec, wish.pair, last_ticks)
        if kind in {Kind.STOP_LOSS_LIMIT, Kind.TAKE_PROFIT_LIMIT}:
            second = _price(wish.price2, "price2", spec, wish.pair, last_ticks)
    in_quote = "viqc" in wish.oflags
    post_only = "post" in wish.oflags
    if (in_quote and (kind is not Kind.MARKET or wish.side is Side.SELL)) or (post_only and kind is not Kind.LIMIT):
        raise invalid("oflags")
    has_trigger = wish.ordertype in WITH_TRIGGER
    return NewOrder(
        account=account,
        symbol=spec.symbol,
        side=wish.side,
        kind=kind,
        lots=0 if in_quote else _lots(wish.volume, spec),
        quote_atoms=int(wish.volume.scaleb(wish.pair.cost_decimals)) if in_quote else 0,
        ticks=second if has_trigger else first,
        stop_ticks=first if has_trigger else 0,
        trail_ppm=trail_ppm,
        trail_ticks=trail_ticks,
        limit_offset_ticks=limit_offset,
        time_in_force=TIMES[wish.time_in_force],
        expires_ms=wish.expires_ms,
        post_only=post_only,
        self_trade=wish.prevention,
        fee_in=FeeIn.BASE if "fcib" in wish.oflags else FeeIn.QUOTE,
        client_id=wish.client_id,
        tag=msgspec.json.encode(_note(wish)).decode(),
    )


def client_id(text: str) -> str:
    """A client's own id: a UUID, or up to 18 printable ASCII characters. Errors: EGeneral:Invalid arguments."""
    if UUID.match(text) or (len(text) <= CLIENT_TEXT_MAX and text.isascii() and (not text or text.isprintable())):
        return text
    raise invalid("cl_ord_id")


def lots_of(volume: object, pair: KrakenPair, spec: MarketSpec) -> int:
    """A quantity in lots. Errors: EGeneral:Invalid arguments:volume."""
    assert spec.symbol == pair.symbol, "the market of the pair"
    return _lots(number(volume, "volume"), spec)


def ticks_of(price: object, pair: KrakenPair, spec: MarketSpec, *, last_ticks: int) -> int:
    """A price in ticks. Errors: EOrder:Invalid price and others."""
    return _price(str(price), "price", spec, pair, last_ticks)


def _note(wish: Wish) -> Note:
    preference = "fcib" if "fcib" in wish.oflags else "fciq"
    flags = (*sorted(wish.oflags - {"fcib", "fciq"}), preference)
    trails = wish.ordertype in TRAILING
    return Note(
        ordertype=wish.ordertype,
        userref=wish.userref,
        oflags=flags,
        expires_ms=wish.expires_ms,
        trigger=wish.trigger,
        trail=wish.price if trails else "",
        trail_limit=wish.price2 if trails else "",
    )


def _refuse_what_is_not_traded(arguments: Mapping[str, object]) -> None:
    """No margin, no orders that an order leads to: said, not dropped."""
    if str(arguments.get("leverage") or "none").lower() not in {"none", "0", "1"} or flag(arguments.get("margin")):
        raise KrakenRefusal(
            "EOrder:Insufficient margin (exchange does not have sufficient funds to allow margin trading)"
        )
    if flag(arguments.get("reduce_only")):
        raise KrakenRefusal("EOrder:Reduce only:Non-PC")
    close = arguments.get("close") or arguments.get("close[ordertype]") or arguments.get("conditional")
    if close or str(arguments.get("displayvol") or arguments.get("display_qty") or "") not in {"", "0"}:
        raise invalid("close")


def _socket_prices(arguments: Mapping[str, object], ordertype: str) -> tuple[str, str]:
    """The two prices in REST's way: the trigger first, where there is one; distances with sign and unit."""
    triggers = _inner(arguments, "triggers")
    limit = _with_unit(arguments.get("limit_price"), str(arguments.get("limit_price_type") or "static"))
    if ordertype not in WITH_TRIGGER:
        return limit, ""
    trigger = _with_unit(triggers.get("price"), str(triggers.get("price_type") or "static"))
    if ordertype in TRAILING and trigger and trigger[0] not in "+-":
        trigger = f"+{trigger}"
    return trigger, limit


def _with_unit(price: object, kind: str) -> str:
    if price is None:
        return ""
    if kind == "static":
        if str(price)[:1] in {"+", "-"}:
            raise KrakenRefusal("EOrder:Invalid price")
        return str(price)
    if kind not in {"pct", "quote"}:
        raise invalid("price_type")
    text = str(price)
    return f"{'' if text[:1] in {'+', '-'} else '+'}{text}{'%' if kind == 'pct' else ''}"


def _inner(arguments: Mapping[str, object], name: str) -> Mapping[str, Any]:
    found = arguments.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise invalid(name)
    return cast("dict[str, Any]", found)


def _side(told: object) -> Side:
    if not isinstance(told, str) or told not in SIDES:
        raise invalid("type")
    return SIDES[told]


def _ordertype(told: object) -> str:
    if not isinstance(told, str) or told not in KINDS:
        raise invalid("ordertype")
    return told


def _userref(told: object) -> int:
    return whole(told, "userref", low=-USERREF_MAX - 1, high=USERREF_MAX)


def _flags(told: frozenset[str]) -> frozenset[str]:
    if not told <= FLAGS or {"fcib", "fciq"} <= told:
        raise invalid("oflags")
    return told


def _time(told: str, expires_ms: int) -> str:
    name = told.upper()
    if name not in TIMES or (expires_ms and name == "IOC"):
        raise invalid("timeinforce")
    if name == "GTD" and not expires_ms:
        raise invalid("expiretm")
    return "GTD" if expires_ms else name


def _prevention(told: str) -> SelfTrade:
    if told not in PREVENTION:
        raise invalid("stptype")
    return PREVENTION[told]


def _trigger(told: str) -> str:
    if told not in {"last", "index"}:
        raise invalid("trigger")
    return told


def _moment(told: str, argument: str, at_ms: int) -> int:
    """An instant as "0", "+seconds" or UTC seconds, in UTC ms; 0 is none."""
    if told.startswith("+"):
        return at_ms + 1000 * whole(told[1:], argument, low=1, high=SECONDS_MAX)
    instant_ms = 1000 * whole(told or "0", argument, low=0, high=SECONDS_MAX)
    if instant_ms and instant_ms <= at_ms:
        raise invalid(argument)
    return instant_ms


def _deadline(told: str, at_ms: int | None) -> int:
    """An RFC 3339 instant; `at_ms` bounds it to the next minute and refuses the past."""
    if not told:
        return 0
    try:
        instant_ms = from_rfc3339(told)
    except (ValueError, OverflowError) as error:
        raise invalid("deadline" if at_ms is not None else "expire_time") from error
    if at_ms is None:
        return instant_ms
    if instant_ms <= at_ms:
        raise KrakenRefusal("EService:Deadline elapsed")
    if instant_ms > at_ms + DEADLINE_MS_MAX:
        raise invalid("deadline")
    return instant_ms


def _lots(volume: Decimal, spec: MarketSpec) -> int:
    if volume < 0:
        raise invalid("volume")
    lots = spec.lots(volume)
    if lots is None:
        raise invalid("volume")
    if lots == 0:
        raise KrakenRefusal("EOrder:Order minimum not met")
    return lots


def _price(told: str, argument: str, spec: MarketSpec, pair: KrakenPair, last_ticks: int) -> int:
    """A price in ticks: plain, or relative to the last trade ("+1.5", "-2%")."""
    if told[:1] in {"+", "-"}:
        if not last_ticks:
            raise KrakenRefusal("EService:Unavailable")
        sign = 1 if told[0] == "+" else -1
        ppm, ticks = _distance(f"+{told[1:]}", spec, pair)
        return max(1, last_ticks + sign * (ticks or last_ticks * ppm // 1_000_000 // _step(spec) * _step(spec)))
    price = number(told, argument)
    if price <= 0:
        raise invalid(argument)
    ticks = spec.ticks(price)
    if ticks is None:
        raise KrakenRefusal(
            f"EOrder:Invalid price:{pair.altname} price can only be specified up to {pair.price_decimals} decimals."
        )
    return ticks


def _step(spec: MarketSpec) -> int:
    return spec.filters.price_step


def _distance(told: str, spec: MarketSpec, pair: KrakenPair) -> tuple[int, int]:
    """A distance above nothing as parts per million, or in ticks; the other is 0."""
    if not told.startswith("+"):
        raise invalid("price")
    if told.endswith("%"):
        ppm = number(told[1:-1], "price") * PERCENT_PPM
        if ppm != ppm.to_integral_value() or ppm <= 0:
            raise invalid("price")
        return int(ppm), 0
    return 0, _price(told[1:], "price", spec, pair, 0)


def _offset(told: str, spec: MarketSpec, pair: KrakenPair) -> int:
    """How far a trailing limit lies from its trigger, with its sign, in ticks."""
    if told[:1] not in {"+", "-"} or told.endswith("%"):
        raise invalid("price2")
    amount = number(told[1:], "price2")
    ticks = 0 if not amount else _price(told[1:], "price2", spec, pair, 0)
    return -ticks if told[0] == "-" else ticks
