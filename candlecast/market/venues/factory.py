"""Which venue is meant by a name: the one place that knows them all."""

from difflib import get_close_matches
from pathlib import Path

from candlecast.errors import InvalidRequestError
from candlecast.market.venues.protocol import Venue
from candlecast.settings import MarketSettings

VENUES = ("binance", "kraken", "coinbase", "bybit", "okx", "yahoo")


def open_venue(name: str, *, market: MarketSettings, cache_folder: Path) -> Venue:
    """Return the venue called `name`.

    Parameters
    ----------
    name : str
        ``binance`` or ``yahoo``.
    market : MarketSettings
        Gives the addresses of other servers, if any.
    cache_folder : Path
        Where a venue's client may keep files.

    Raises
    ------
    InvalidRequestError
        When there is no such venue; the message lists them.
    """
    # Imported here: each client library takes a second or two, and a process rarely needs both.
    if name == "binance":
        from candlecast.market.venues.binance import BinanceVenue

        return BinanceVenue(base_url=market.venue_url)
    if name == "yahoo":
        from candlecast.market.venues.yahoo import YahooVenue

        return YahooVenue(base_url=market.venue_url, cache_folder=cache_folder)
    check_venue(name)
    raise AssertionError(f"no adapter for {name}")


def check_venue(name: str) -> None:
    """Raise `InvalidRequestError`, naming the near ones, when there is no venue called `name`."""
    if name in VENUES:
        return
    near = get_close_matches(name, VENUES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise InvalidRequestError(f"venue must be one of {', '.join(VENUES)}, was {name[:40]!r}{hint}")
