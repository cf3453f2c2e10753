"""Who listens to what: takes the engine's facts and gives every subscriber of every channel its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from quorate.exchange import Event, LevelChanged, MarketChanged, Trade, Traded
from quorate.exchange.kraken import market_channels as channels
from quorate.exchange.kraken.account_channels import Balances, Executions
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.frames import Body, channel_message, encode
from quorate.exchange.kraken.market_channels import BookView
from quorate.exchange.kraken.pairs import KrakenPair

Tell = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel with what narrows it: the market, or the account of a private channel, and a depth or interval."""

    channel: str
    subject: str = ""
    detail: int = 0


class Subscriber:
    """One connection as the hub sees it. `tell` takes the bytes of a message; sequences count private messages."""

    def __init__(self, tell: Tell, *, connection: int) -> None:
        self.tell = tell
        self.connection = connection
        self.topics: set[Topic] = set()
        self._sequences: dict[str, int] = {}

    def sequence(self, channel: str) -> int:
        """The number of the next message of a private channel on this connection."""
        self._sequences[channel] = self._sequences.get(channel, 0) + 1
        return self._sequences[channel]


class Hub:
    """All subscriptions of one exchange."""

    def __init__(self, exchange: KrakenExchange) -> None:
        self._exchange = exchange
        # Dictionaries stand for sets here: they keep the order, so that the same run tells everybody in the same order.
        self._listeners: dict[Topic, dict[Subscriber, None]] = {}
        self._topics: dict[str, dict[Topic, None]] = {}
        self._views: dict[Topic, BookView] = {}
        self._executions = Executions(exchange)
        self._balances = Balances(exchange)
        self._present: dict[Subscriber, None] = {}
        self._system = exchange.system
        exchange.listen(self._hear)

    def come(self, subscriber: Subscriber) -> None:
        """A connection begins: it hears the state of the exchange now, and whenever that changes."""
        self._present[subscriber] = None
        self._system = self._exchange.system
        subscriber.tell(encode(channels.status_told(self._exchange, subscriber.connection)))

    def join(self, subscriber: Subscriber, topic: Topic) -> bool:
        """Begin to tell a subscriber of a topic; False where it is told already."""
        if topic in subscriber.topics:
            return False
        subscriber.topics.add(topic)
        self._listeners.setdefault(topic, {})[subscriber] = None
        self._topics.setdefault(topic.subject, {})[topic] = None
        if topic.channel == "book" and topic not in self._views:
            pair = self._exchange.pairs.of(topic.subject)
            self._views[topic] = BookView(pair, self._exchange.engine.listings[topic.subject], topic.detail)
        elif topic.channel == "balances":
            self._balances.snapshot(topic.subject)  # what later changes are told against
        return True

    def leave(self, subscriber: Subscriber, topic: Topic) -> bool:
        """Stop telling a subscriber of a topic; False where it was not told."""
        if topic not in subscriber.topics:
            return False
        subscriber.topics.discard(topic)
        listeners = self._listeners[topic]
        del listeners[subscriber]
        if not listeners:
            del self._listeners[topic]
            del self._topics[topic.subject][topic]
            self._views.pop(topic, None)
        return True

    def gone(self, subscriber: Subscriber) -> None:
        """A connection ended."""
        self._present.pop(subscriber, None)
        for topic in list(subscriber.topics):
            self.leave(subscriber, topic)

    def market_snapshot(self, topic: Topic, at_ms: int) -> Body:
        """The first message of a public channel."""
        exchange = self._exchange
        if topic.channel == "instrument":
            return channels.instruments_told(exchange, "snapshot")
        pair = exchange.pairs.of(topic.subject)
        if topic.channel == "book":
            return self._views[topic].snapshot(at_ms)
        if topic.channel == "ticker":
            return channels.ticker_told(exchange, pair, "snapshot", at_ms)
        if topic.channel == "ohlc":
            candles = exchange.history[pair.symbol].candles(topic.detail, at_ms)
            return channels.candles_told(pair, topic.detail, candles, "snapshot", at_ms)
        trades = list(exchange.engine.listings[pair.symbol].tape.trades)[-channels.TRADES_SHOWN :]
        return channels.trades_told(exchange, pair, trades, "snapshot")

    def account_snapshot(
        self, subscriber: Subscriber, channel: str, account: str, *, orders: bool, trades: bool
    ) -> Body:
        """The first message of a private channel."""
        if channel == "balances":
            data = self._balances.snapshot(account)
        else:
            data = self._executions.orders(account) if orders else []
            data += self._executions.trades(account) if trades else []
        return channel_message(channel, "snapshot", data, sequence=subscriber.sequence(channel))

    def _hear(self, events: Sequence[Event]) -> None:
        if not self._present:
            return
        traded: dict[str, list[Trade]] = {}
        quoted: dict[str, int] = {}
        for event in events:
            if isinstance(event, LevelChanged):
                quoted[event.symbol] = event.at_ms
            elif isinstance(event, Traded):
                traded.setdefault(event.trade.symbol, []).append(event.trade)
            elif isinstance(event, MarketChanged):
                self._tell_market(event)
        for symbol in dict.fromkeys((*quoted, *traded)):
            for topic in list(self._topics.get(symbol, ())):
                for body in self._public(topic, traded, quoted):
                    _tell(self._listeners[topic], body)
        self._tell_accounts(events)

    def _public(self, topic: Topic, traded: dict[str, list[Trade]], quoted: dict[str, int]) -> list[Body]:
        """What a topic has to say of one operation."""
        exchange, symbol = self._exchange, topic.subject
        trades = traded.get(symbol, [])
        at_ms = trades[-1].at_ms if trades else quoted.get(symbol, 0)
        if topic.channel == "book" and symbol in quoted:
            body = self._views[topic].update(quoted[symbol])
            return [] if body is None else [body]
        if topic.channel == "ticker" and (trades or (topic.detail and symbol in quoted)):
            return [channels.ticker_told(exchange, exchange.pairs.of(symbol), "update", at_ms)]
        if topic.channel == "trade" and trades:
            return [channels.trades_told(exchange, exchange.pairs.of(symbol), trades, "update")]
        if topic.channel == "ohlc" and trades:
            newest = exchange.history[symbol].newest(topic.detail)
            candles = [] if newest is None else [newest]
            return [channels.candles_told(exchange.pairs.of(symbol), topic.detail, candles, "update", at_ms)]
        return []

    def _tell_market(self, event: MarketChanged) -> None:
        pair: KrakenPair = self._exchange.pairs.of(event.symbol)
        if self._system != self._exchange.system:
            self._system = self._exchange.system
            for subscriber in list(self._present):
                subscriber.tell(encode(channels.status_told(self._exchange, subscriber.connection)))
        listeners = self._listeners.get(Topic("instrument"), {})
        if listeners:
            _tell(listeners, channels.instruments_told(self._exchange, "update", [pair]))

    def _tell_accounts(self, events: Sequence[Event]) -> None:
        told: dict[str, list[Body]] = {}
        for event in events:
            about = self._executions.about(event)
            if about is not None:
                told.setdefault(about[0], []).extend(about[1])
        for account, rows in told.items():
            for row in rows:  # one to a message: clients look at the first only to see what a message is about
                self._tell_private(Topic("executions", account), [row])
        for account, rows in self._balances.about(events).items():
            self._tell_private(Topic("balances", account), rows)

    def _tell_private(self, topic: Topic, data: list[Body]) -> None:
        for subscriber in list(self._listeners.get(topic, ())):
            sequence = subscriber.sequence(topic.channel)
            subscriber.tell(encode(channel_message(topic.channel, "update", data, sequence=sequence)))


def _tell(listeners: Iterable[Subscriber], body: Body) -> None:
    message = encode(body)
    for subscriber in list(listeners):
        subscriber.tell(message)
