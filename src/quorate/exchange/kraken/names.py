"""What Kraken calls things: assets with X and Z in front, XBT for BTC, three spellings of every pair."""

LEGACY = {
    **dict.fromkeys(("BTC", "ETH", "ETC", "LTC", "MLN", "REP", "XLM", "XMR", "XRP", "ZEC", "DOGE"), "X"),
    **dict.fromkeys(("AUD", "CAD", "EUR", "GBP", "JPY", "USD"), "Z"),
}
"""Assets from Kraken's first years carry a letter in front: X for coins, Z for currencies."""
OWN_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
FIAT = frozenset({"AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "USD"})
SHORT_PAIRS = frozenset(
    {"AUD/JPY", "AUD/USD", "DOGE/EUR", "DOGE/USD", "ETH/AUD", "EUR/AUD", "EUR/CAD", "EUR/GBP", "EUR/JPY", "LTC/AUD"}
    | {"LTC/ETH", "LTC/GBP", "BTC/AUD", "XRP/AUD", "XRP/ETH", "XRP/GBP"}
)
"""Pairs of legacy assets that were listed later, and are called by their short names all the same."""


def asset_altname(asset: str) -> str:
    """ "BTC" -> "XBT", "USD" -> "USD"."""
    return OWN_NAMES.get(asset, asset)


def asset_id(asset: str) -> str:
    """ "BTC" -> "XXBT", "USD" -> "ZUSD", "SOL" -> "SOL"."""
    return LEGACY.get(asset, "") + asset_altname(asset)


def asset_of(name: str) -> str:
    """The plain name of an asset from any of its spellings."""
    for plain in LEGACY:
        if name in {plain, asset_altname(plain), asset_id(plain)}:
            return plain
    return name


def pair_altname(base: str, quote: str) -> str:
    """ "XBTUSD"."""
    return asset_altname(base) + asset_altname(quote)


def pair_id(base: str, quote: str) -> str:
    """ "XXBTZUSD" where both assets are of the first years, else like the short name; USDT/USD is an exception."""
    old = base in LEGACY and quote in LEGACY and f"{base}/{quote}" not in SHORT_PAIRS
    if old or (base, quote) == ("USDT", "USD"):
        return asset_id(base) + asset_id(quote)
    return pair_altname(base, quote)
