"""What matching needs of money, whether coins change hands (`ledger`) or contracts against margin (`margin`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account, Balance
    from quorate.exchange.engine.events import Event
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.orders import Order, OrderPair, Trade

Charge = tuple[str, int, int]
"""What one side of a fill came to: asset and atoms of its fee, and the profit it realised, in atoms of the quote."""
NO_CHARGE: Charge = ("", 0, 0)


class Settlement(Protocol):
    """Sets money aside for orders, pays for trades, takes fees. It never makes or loses any."""

    venue: Account
    """Earns the fees."""
    outside: Account
    """All other traders."""
    touched: list[Balance]
    """Balances that the operation under way has changed, in order, each once."""

    def know(self, listing: Listing) -> None:
        """A market has been listed."""
        ...

    def touch(self, account: Account, asset: str) -> None:
        """Note that a balance has changed."""
        ...

    def take_changes(self, at_ms: int) -> Sequence[Event]:
        """What has changed since this was last asked, account by account."""
        ...

    def movable(self, account: Account, asset: str) -> int:
        """Atoms that the account may withdraw."""
        ...

    def set_aside(self, listing: Listing, order: Order) -> None:
        """Set aside what an order that is about to trade may need. Errors: OrderRefused, and nothing has changed."""
        ...

    def set_aside_pair(self, listing: Listing, pair: OrderPair) -> None:
        """The same for two orders of which only one will trade."""
        ...

    def hold(self, listing: Listing, order: Order, changed: Order) -> None:
        """Set aside what an open order needs beyond what it has, were it `changed`. Errors: OrderRefused."""
        ...

    def trim(self, listing: Listing, order: Order) -> None:
        """Give back what is set aside for an open order beyond what the rest of it needs."""
        ...

    def release(self, listing: Listing, order: Order) -> None:
        """Give back all that is set aside for an order."""
        ...

    def settle(self, listing: Listing, order: Order, ticks: int) -> None:
        """After a fill at a price give back what the rest of an open order does not need."""
        ...

    def affords(self, listing: Listing, order: Order, lots: int, atoms: int) -> bool:
        """Whether a taker can pay for a fill: a market order may meet dearer orders than were there when it came."""
        ...

    def reducible(self, account: Account, symbol: str, sign: int) -> int:
        """Lots of a position that buying (1) or selling (-1) closes; 0 where there are no positions."""
        ...

    def pay(self, listing: Listing, order: Order, lots: int, atoms: int, *, is_maker: bool) -> Charge:
        """Carry out one side of a fill."""
        ...

    def undo(self, listing: Listing, account: Account, trade: Trade, *, is_maker: bool) -> None:
        """Take one side of a trade back: what was given and its fee return."""
        ...

    def sums(self, accounts: Iterable[Account]) -> dict[str, int]:
        """The sum of every asset over these accounts, the outside market and the venue: trading never changes it."""
        ...
