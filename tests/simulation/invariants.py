"""I1 to I7, looked at from outside: what the engine has is held against what the journal holds."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from quorate.desk.state import DeskState
from quorate.desk.worker import Worker
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.orders import OrderState
from quorate.exchange import Engine, Order, OrderAccepted
from quorate.exchange.binanceusdm.answers import ALGO_TAG
from quorate.journal.codec import encode
from tests.simulation.world import Memory

PROTECT_S = 14
"""A position is protected, or its alarm raised, within 5 s of what the desk can know: the venue's word may be 6 s late
in this world, and one look of the desk and one of ours come on top. Where nothing is late no alarm is ever raised."""
SECRET = "czNjcmV0LW9mLXRoZS1kZW1vLWFjY291bnQ="  # leak-ok: the demo account's; Kraken's are base64


class Watch:
    """Looks on, second by second and at every order the engine takes."""

    def __init__(
        self, engine: Engine, account: str, memory: Memory, now_ms: Callable[[], int],
        markets: Mapping[str, Market], tag: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        self.broken: list[str] = []
        self.checks = 0
        self.money_left = False
        """Whether somebody has withdrawn money: what left once balances had been taken comes out only by a break."""
        self._engine = engine
        self._account = account
        self._memory = memory
        self._now_ms = now_ms
        self._symbols = {market.pair: symbol for symbol, market in markets.items()}
        self._markets = {market.pair: market for market in markets.values()}
        self._tag = tag
        self._own: dict[str, str] = {}
        """tag at the venue -> our id."""
        self._taken: dict[str, int] = {}
        self._read = 0
        self._unknown: dict[str, str] = {}
        self._pairs: dict[str, str] = {}
        self._entries: set[str] = set()
        self._submitted: set[str] = set()
        self._intended: set[str] = set()
        self._bare_s: dict[str, int] = {}
        self._up_s = 0
        engine.listen(self._look)

    def note(self, line: str) -> None:
        """A line for the log."""
        if SECRET in line:
            self.broken.append("I7: a secret is in the log")

    def _break(self, words: str) -> None:
        self.broken.append(f"{self._now_ms()}: {words}")

    def _look(self, events: Sequence[object]) -> None:
        for event in events:
            if isinstance(event, OrderAccepted) and event.order.account.name == self._account:
                self._order_taken(event.order)

    def _order_taken(self, order: Order) -> None:
        if not order.asked.client_id:
            return
        self._read_journal()
        client_id = self._client_id(order)
        self.checks += 1
        if client_id not in self._submitted or client_id not in self._intended:
            self._break(f"I1: the engine took {client_id}, and no journalled intent is behind it")
        self._taken[client_id] = self._taken.get(client_id, 0) + 1
        if self._taken[client_id] > 1:
            self._break(f"I2: the engine took {client_id} {self._taken[client_id]} times")

    def _client_id(self, order: Order) -> str:
        """Our id of an order, else the tag it has; the exchange of futures marks those of conditional orders."""
        tag = order.asked.client_id.removesuffix(ALGO_TAG)
        return self._own.get(tag, tag)

    def _read_journal(self) -> None:
        durable = self._memory.durable
        for event in durable[self._read :]:
            self._read_event(event)
        self._read = len(durable)

    def _read_event(self, event: ev.Event) -> None:
        if isinstance(event, ev.OrderIntended):
            self._intended.add(event.intent.client_id)
            self._own[self._tag(event.intent.client_id)] = event.intent.client_id
            self._pairs[event.intent.client_id] = event.intent.pair
            if not event.intent.reduces:
                self._entries.add(event.intent.client_id)
        elif isinstance(event, ev.OrderSubmitted):
            self._submitted.add(event.client_id)
            if event.client_id in self._entries and self._pairs[event.client_id] in self._unknown.values():
                self._break(f"I4: {event.client_id} opens on a pair with an order in doubt")
        elif isinstance(event, ev.OrderUnknown):
            self._unknown[event.client_id] = self._pairs[event.client_id]
        elif isinstance(event, ev.OrderAccepted | ev.OrderCancelled | ev.OrderRejected | ev.OrderVoided):
            self._unknown.pop(event.client_id, None)
        elif isinstance(event, ev.OrderFilled):
            self._unknown.pop(event.fill.client_id, None)
        if SECRET.encode() in encode(event):
            self._break("I7: a secret is in the journal")

    def stood_still(self) -> None:
        """The desk was killed, or its journal is gone: what it cannot do then is nobody's fault."""
        self._up_s = 0
        self._bare_s.clear()

    def second(self, worker: Worker | None) -> None:
        """I3 to I5, as they stand at the end of this second."""
        self._read_journal()
        self.checks += 1
        if worker is None:
            return
        self._up_s += 1
        state = worker.dealer.state if worker.dealer is not None else None
        assert state is not None, "the desk trades at a venue"
        self._protected(state)

    def _protected(self, state: DeskState) -> None:
        """I5: the engine itself holds a stop for every position, or the alarm is on."""
        if self._memory.waiting:
            return  # No alarm can be written down before the batch that the journal is slow with.
        for pair, held in state.positions.items():
            market = self._markets[pair]
            for portfolio, position in held.items():
                key = f"{portfolio}|{pair}"
                size = market.quantity(market.lots_floor(position.quantity))
                if key in state.unprotected or self._stop_of(pair) >= size:
                    self._bare_s.pop(key, None)
                    continue
                self._bare_s[key] = self._bare_s.get(key, 0) + 1
                if self._bare_s[key] > PROTECT_S:
                    self._break(f"I5: {key} has had neither stop nor alarm for {self._bare_s[key]} s")
                    self._bare_s[key] = 0
        for key in [key for key in self._bare_s if not state.position(*key.split("|"))]:
            del self._bare_s[key]

    def _stop_of(self, pair: str) -> Decimal:
        symbol = self._symbols[pair]
        spec = self._engine.listing(symbol).spec
        waiting = (order for order in self._engine.open_orders(self._account, symbol) if order.waiting)
        return sum((spec.quantity(order.left) for order in waiting if self._client_id(order)), Decimal(0))

    def settled(self, state: DeskState) -> None:
        """After a calm end: nothing is in doubt, the ledger says what the engine says (I3), every stop rests (I5)."""
        self._read_journal()
        for client_id, order in state.orders.items():
            if order.state in {OrderState.UNKNOWN, OrderState.SUBMITTED}:
                self._break(f"I3: {client_id} is still {order.state} after a calm end")
        self._balances(state)
        self._orders(state)
        self._executions()
        self._positions(state)
        self._stops(state)

    def _stops(self, state: DeskState) -> None:
        """Where everybody finds somebody to trade with, an alarm is not enough."""
        for pair, held in state.positions.items():
            market = self._markets[pair]
            size = sum((market.quantity(market.lots_floor(each.quantity)) for each in held.values()), Decimal(0))
            if self._stop_of(pair) != size:
                self._break(f"I5: {size} of {pair} are held, and stops for {self._stop_of(pair)} rest")

    def _balances(self, state: DeskState) -> None:
        account = self._engine.accounts[self._account]
        for asset in {name for name in {*state.baseline, *state.flows, *account.balances} if "/" not in name}:
            there = self._engine.amount(asset, account.balance(asset).total)
            here = state.baseline.get(asset, Decimal(0)) + state.flows.get(asset, Decimal(0))
            if there != here:
                self._break(f"I3: {asset} is {there} at the venue and {here} in the ledger")
        broke = any(event.reckoned for event in self._memory.durable if isinstance(event, ev.BreakFound))
        if broke and not self.money_left:
            self._break("I3: a break of a balance was told although nobody moved money")

    def _orders(self, state: DeskState) -> None:
        open_there = {self._client_id(order) for order in self._engine.open_orders(self._account)} - {""}
        open_here = set(state.orders)
        if open_there != open_here:
            self._break(f"I3: open at the venue {sorted(open_there)}, in the ledger {sorted(open_here)}")

    def _executions(self) -> None:
        """What the engine executed of each order of ours is what the journal has of it."""
        booked: dict[str, Decimal] = {}
        for event in self._memory.durable:
            if isinstance(event, ev.OrderFilled):
                client_id = event.fill.client_id
                booked[client_id] = booked.get(client_id, Decimal(0)) + event.fill.quantity
        for order in self._engine.accounts[self._account].orders.values():
            client_id = self._client_id(order)
            executed = self._engine.listing(order.asked.symbol).spec.quantity(order.filled_lots)
            if client_id and executed != booked.get(client_id, Decimal(0)):
                here = booked.get(client_id, Decimal(0))
                self._break(f"I3: {executed} of {client_id} were executed, and {here} are booked")

    def _positions(self, state: DeskState) -> None:
        """The position of each pair is the sum of its executions, less what was written off or taken away."""
        broken_pairs = {event.subject for event in self._memory.durable if isinstance(event, ev.BreakFound)}
        for market in self._markets.values():
            if market.pair in broken_pairs or market.base in broken_pairs:
                continue
            bought = Decimal(0)
            for event in self._memory.durable:
                if isinstance(event, ev.OrderFilled) and event.fill.pair == market.pair:
                    fee = event.fill.fee_paid if event.fill.fee_asset == market.base else Decimal(0)
                    bought += event.fill.quantity * event.fill.action.sign - fee
                elif isinstance(event, ev.DustLeft) and event.pair == market.pair:
                    bought -= event.quantity
            there = state.positions.get(market.pair, {}).values()
            held = sum((each.quantity * each.side.sign for each in there), Decimal(0))
            if bought != held:
                self._break(f"I3: executions of {market.pair} add up to {bought}, the position is {held}")
