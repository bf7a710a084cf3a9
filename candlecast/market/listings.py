"""What is a symbol called elsewhere? ``BTC/USDT`` is ``BTCUSDT``, ``BTC-USDT``, and near it is ``BTC-USD``.

The price in a dollar and in a coin that is pegged to it are close, not equal: a candle that comes from
such a near quote says so in its source (``kraken:USD``).
"""

from collections.abc import Collection
from dataclasses import dataclass

from candlecast.market.symbols import Symbol

# In this order one stands in for another.
NEAR_QUOTES = ("USDT", "USDC", "USD")
LONGEST_SOURCE = 24

# Coins whose short name on Yahoo belongs to another, older coin; the number is the coin's own there.
_YAHOO_BASES = {
    "APT": "APT21794",
    "ARB": "ARB11841",
    "COMP": "COMP5692",
    "GRT": "GRT6719",
    "HYPE": "HYPE32196",
    "IMX": "IMX10603",
    "MNT": "MNT27075",
    "PEPE": "PEPE24478",
    "POL": "POL28321",
    "STX": "STX4847",
    "SUI": "SUI20947",
    "TAO": "TAO22974",
    "TON": "TON11419",
    "UNI": "UNI7083",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Under which name a venue trades a symbol.

    Parameters
    ----------
    name : str
        As the venue lists it: ``BTC/USD``.
    quote : str
        The currency that stands in for the symbol's own: ``USD``; "" when it is the symbol's own.
    """

    name: str
    quote: str


def find_listing(symbol: Symbol, listed: Collection[str], *, exact: bool = False) -> Listing | None:
    """Return how a venue lists `symbol`: by its own quote, else by a near one; None: not at all.

    Parameters
    ----------
    symbol : Symbol
        A crypto pair.
    listed : collection of str
        Names of the venue's pairs, ``BASE/QUOTE``.
    exact : bool
        Whether near quotes do not count.
    """
    if symbol.name in listed:
        return Listing(symbol.name, "")
    base, _, quote = symbol.name.partition("/")
    if exact or quote not in NEAR_QUOTES:
        return None
    near = (Listing(f"{base}/{other}", other) for other in NEAR_QUOTES if f"{base}/{other}" in listed)
    return next(near, None)


def find_yahoo_listing(symbol: Symbol) -> Listing:
    """Return the ticker of `symbol` on Yahoo: a stock's own, ``BTC-USD`` for ``BTC/USDT``."""
    if symbol.asset_class == "stock":
        return Listing(symbol.name, "")
    base, _, quote = symbol.name.partition("/")
    # Yahoo trades coins against national currencies only.
    stand_in = "USD" if quote in NEAR_QUOTES and quote != "USD" else ""
    return Listing(f"{_YAHOO_BASES.get(base, base)}-{stand_in or quote}", stand_in)


def read_pair(text: str) -> str | None:
    """Return the pair that ``BTCUSDT``, ``btc-usd`` or ``BTC_USDC`` means: ``BTC/USDT``; None when none is meant."""
    joined = "".join(letter for letter in text.upper() if letter.isalnum())
    quote = next((quote for quote in NEAR_QUOTES if joined.endswith(quote)), "")
    base = joined.removesuffix(quote)
    return f"{base}/{quote}" if quote and base else None


def source_name(venue: str, quote: str) -> str:
    """Return what a candle's source says: ``kraken``, or ``kraken:USD`` when another currency stands in.

    At most `LONGEST_SOURCE` characters: a long venue name is cut, the currency never.
    """
    tail = f":{quote}" if quote else ""
    return f"{venue[: LONGEST_SOURCE - len(tail)]}{tail}"
