"""In what does a venue differ from the others that ccxt speaks for?"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

# One list a candle: open in milliseconds since 1970, open, high, low, close, volume, what else there is.
Rows = list[list[Any]]
SPOT_ONLY: Mapping[str, Any] = {"options": {"fetchMarkets": {"types": ["spot"]}}}
USUAL_PAGE_CANDLES = 500


class PageRequest(NamedTuple):
    """Which candles one call asks for: those that open in ``[first_ms, end_ms)``, milliseconds since 1970."""

    market: Mapping[str, Any]
    timeframe: str
    first_ms: int
    end_ms: int


class PushedCandle(NamedTuple):
    """What a message of a stream tells of one candle; `values` are open, high, low, close, volume."""

    market_id: str
    open_ms: int
    values: tuple[float, float, float, float, float]
    closed: bool


async def fetch_parsed_page(client: Any, request: PageRequest) -> Rows:
    """Return a page as ccxt reads it; a volume that the venue does not tell is NaN."""
    limit = page_candles_of(client)
    rows = await client.fetch_ohlcv(
        request.market["symbol"], request.timeframe, request.first_ms, limit, {"until": request.end_ms - 1}
    )
    return [[*row[:5], math.nan if row[5] is None else row[5]] for row in rows]


async def fetch_ticker_price(client: Any, market: Mapping[str, Any]) -> Any:
    """Return the price of the last trade, None when the venue tells none."""
    return (await client.fetch_ticker(market["symbol"]))["last"]


async def ask_for_time(client: Any) -> None:
    """Make the cheapest call there is."""
    if client.has["fetchTime"]:
        await client.fetch_time()
    else:
        await client.load_markets(True)


def page_candles_of(client: Any) -> int:
    """Return how many candles ccxt says that one call of a venue answers."""
    limits = ((client.features or {}).get("spot") or {}).get("fetchOHLCV") or {}
    return int(limits.get("limit") or USUAL_PAGE_CANDLES)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one venue is spoken to.

    Parameters
    ----------
    config : mapping
        What ccxt's client of this venue is made with.
    paging : str
        ``parallel``: a call answers every candle of its span, so spans are asked for side by side;
        ``sequential``: a call may answer fewer, so the next one starts where it ended;
        ``single``: one call answers whatever there is.
    page_candles : int, optional
        Candles that one call may ask for; None: what ccxt says.
    fetch_page, fetch_price, ping : callable
        The calls themselves, with ccxt's client as first argument.
    read_message : callable, optional
        Reads candles, and whether they are closed, from a message of the stream; None for any other
        message. Without it ccxt reads, which never tells that a candle is closed.
    subscribe_at_once : int
        Symbols that one message to the stream may name.
    used_share : callable, optional
        Reads from an answer's headers which share of the limit is used up.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    paging: Literal["parallel", "sequential", "single"] = "sequential"
    page_candles: int | None = None
    fetch_page: Callable[[Any, PageRequest], Awaitable[Rows]] = fetch_parsed_page
    fetch_price: Callable[[Any, Mapping[str, Any]], Awaitable[Any]] = fetch_ticker_price
    ping: Callable[[Any], Awaitable[None]] = ask_for_time
    read_message: Callable[[Any], Iterable[PushedCandle] | None] | None = None
    subscribe_at_once: int = 100
    used_share: Callable[[Mapping[str, str]], float | None] | None = None
