"""Which venue is meant by a name: the one place that knows them all."""

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from candlecast.errors import InvalidRequestError
from candlecast.market.venues.limits import Limiter
from candlecast.settings import MarketSettings

if TYPE_CHECKING:
    from candlecast.market.venues.protocol import Venue

# Those with a dialect of their own; ccxt's others are asked one page after another.
DIALECTS = ("binance", "kraken", "coinbase", "bybit", "okx")
VENUES = (*DIALECTS, "yahoo")
YAHOO_ADDRESS = "https://query1.finance.yahoo.com"


def open_venue(name: str, *, market: MarketSettings, cache_folder: Path, limiter: Limiter | None = None) -> "Venue":
    """Return the venue called `name`; it connects when it is first asked.

    Parameters
    ----------
    name : str
        One of `VENUES`, or what ccxt calls another one.
    market : MarketSettings
        Gives the address of a server that stands in for all venues, if any.
    cache_folder : Path
        Where a venue's client may keep files.
    limiter : Limiter, optional
        Asked before each request; None: as the client thinks fit.

    Raises
    ------
    InvalidRequestError
        When there is no such venue; the message lists them.
    """
    check_venue(name)
    # Imported here: each client library takes a second or two, and a process rarely needs both.
    if name == "yahoo":
        from candlecast.market.venues.yahoo import YahooVenue

        return YahooVenue(base_url=market.venue_url, cache_folder=cache_folder, limiter=limiter)
    from candlecast.market.venues.ccxt_client import Access
    from candlecast.market.venues.ccxt_venue import CcxtVenue
    from candlecast.market.venues.dialects.dialect import Dialect

    dialect = Dialect()
    if name in DIALECTS:
        dialect = getattr(import_module(f"candlecast.market.venues.dialects.{name}"), name.upper())
    return CcxtVenue(name, dialect=dialect, access=Access(market.venue_url, limiter))


def web_address(name: str, market: MarketSettings) -> str:
    """Return an address at which the venue called `name` answers something, if only what time it is."""
    if market.venue_url or name == "yahoo":
        return market.venue_url or YAHOO_ADDRESS
    import ccxt

    client = getattr(ccxt, name)()
    addresses = client.urls["api"]
    while isinstance(addresses, dict):
        addresses = next(iter(addresses.values()))
    return str(client.implode_hostname(addresses))


def check_venue(name: str) -> None:
    """Refuse a name that is no venue's.

    Raises
    ------
    InvalidRequestError
        When there is no such venue; the message lists them, and the near ones.
    """
    if name in VENUES:
        return
    import ccxt

    if name in ccxt.exchanges:
        return
    near = get_close_matches(name.lower(), [*VENUES, *ccxt.exchanges], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    listed = f"{', '.join(VENUES)} or another one of ccxt"
    raise InvalidRequestError(f"venue must be one of {listed}, was {name[:40]!r}{hint}")
