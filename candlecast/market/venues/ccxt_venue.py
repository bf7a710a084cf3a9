"""Any venue that ccxt knows: its candles, its stream and its prices, in the way that its dialect says."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd

from candlecast.errors import (
    InvalidRequestError,
    SourceNotConfiguredError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.listings import find_listing
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.market.venues.broken import price_in
from candlecast.market.venues.ccxt_client import Access, close_client, open_client
from candlecast.market.venues.ccxt_errors import translated
from candlecast.market.venues.ccxt_pages import Table, fetch_span, read_table
from candlecast.market.venues.ccxt_stream import stream_updates
from candlecast.market.venues.dialects.dialect import Dialect, PageRequest, page_candles_of
from candlecast.market.venues.protocol import CandleUpdate, make_frame

PAGES_AT_ONCE = 4
# A symbol that is not listed may be new: the list is read again, but not more often than this.
LISTED_FOR_S = 3_600.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

logger = logging.getLogger(__name__)
Market = Mapping[str, Any]


class CcxtVenue:
    """The spot market of a venue, without keys.

    A symbol whose home is this venue is traded under its own name or not at all; for others a near
    quote stands in, which `quote_of` tells.

    Parameters
    ----------
    name : str
        As ccxt calls the venue.
    dialect : Dialect
        How it is spoken to.
    access : Access
        How it is reached.
    """

    def __init__(self, name: str, *, dialect: Dialect, access: Access) -> None:
        self.name = name
        self._dialect = dialect
        self._open_client = partial(open_client, name, dialect, access)
        self._client = self._open_client()
        self._title = str(self._client.name)
        self.streams = bool(self._client.has["watchOHLCV"])
        self._markets: dict[str, Market] = {}
        self._listed_at_s = 0.0
        self._quotes: dict[str, str] = {}
        self._listing: asyncio.Future[None] | None = None

    def quote_of(self, symbol: Symbol) -> str:
        """Return the currency that stands in for the quote of `symbol`; see `Venue`."""
        return self._quotes.get(symbol.name, "")

    async def list_symbols(self) -> list[str]:
        """Return the active spot pairs, sorted."""
        markets = await self._spot_markets()
        return sorted(name for name, market in markets.items() if market["active"] is not False)

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Return the candles that open in ``[start, end)``; see `Venue`."""
        self._check(timeframe)
        market = await self._market_of(symbol)
        page_candles = self._dialect.page_candles or page_candles_of(self._client)
        # For this call alone: behind a venue that hangs, others shall not queue.
        slots = asyncio.Semaphore(PAGES_AT_ONCE)
        table = await fetch_span(
            partial(self._fetch_page, slots, market, timeframe),
            first_ms=_ceil_ms(start),
            end_ms=_ceil_ms(end),
            step_ms=timeframe_s(timeframe) * 1_000,
            page_candles=page_candles,
            paging=self._dialect.paging,
        )
        opens_us = table[:, 0].astype(np.int64) * 1_000
        return make_frame(opens_us, table[:, 1:], timeframe=timeframe, calendar=symbol.calendar)

    def stream_candles(self, symbols: Sequence[Symbol], timeframe: str) -> AsyncGenerator[CandleUpdate]:
        """Yield what the venue pushes about `symbols`, see `Venue`; those that it does not trade are left out."""
        if not self.streams:
            raise SourceNotConfiguredError(f"{self._title} has no stream of candles; ask for them instead")
        return self._stream(symbols, timeframe)

    async def fetch_price(self, symbol: Symbol) -> float:
        """Return the price of the last trade."""
        market = await self._market_of(symbol)
        with translated(self._title, symbol=symbol.name):
            price = await self._dialect.fetch_price(self._client, market)
            if price is None:
                raise SourceUnavailableError(f"{self._title} has no price of {symbol.name}; try later")
            return price_in(price)

    async def ping(self) -> None:
        """Return when the venue answers."""
        with translated(self._title):
            await self._dialect.ping(self._client)

    async def close(self) -> None:
        """Close the connections."""
        if self._listing is not None:
            self._listing.cancel()
        await close_client(self._client)

    async def _stream(self, symbols: Sequence[Symbol], timeframe: str) -> AsyncGenerator[CandleUpdate]:
        names = await self._names_of(symbols, timeframe)
        # Its own client: a connection that fails takes nothing else along.
        client = self._open_client()
        client.set_markets_from_exchange(self._client)
        updates = stream_updates(client, self._dialect, names, timeframe)
        try:
            async for update in updates:
                yield update
        finally:
            await updates.aclose()

    async def _names_of(self, symbols: Sequence[Symbol], timeframe: str) -> dict[str, Symbol]:
        self._check(timeframe)
        names: dict[str, Symbol] = {}
        unknown: list[UnknownSymbolError] = []
        for symbol in symbols:
            try:
                names[str((await self._market_of(symbol))["symbol"])] = symbol
            except UnknownSymbolError as error:
                unknown.append(error)
        if unknown and not names:
            raise unknown[0]
        for missing in unknown:
            logger.warning("%s streams the other symbols: %s", self._title, missing)
        return names

    async def _fetch_page(
        self, slots: asyncio.Semaphore, market: Market, timeframe: str, lower_ms: int, upper_ms: int
    ) -> Table:
        request = PageRequest(market, timeframe, lower_ms, upper_ms)
        async with slots:
            with translated(self._title, symbol=market["symbol"]):
                return read_table(await self._dialect.fetch_page(self._client, request))

    async def _market_of(self, symbol: Symbol) -> Market:
        exact = symbol.venue == self.name
        markets = await self._spot_markets()
        listing = find_listing(symbol, markets, exact=exact)
        if listing is None and monotonic() - self._listed_at_s > LISTED_FOR_S:
            markets = await self._spot_markets(again=True)
            listing = find_listing(symbol, markets, exact=exact)
        if listing is None:
            raise UnknownSymbolError(symbol.name, markets)
        self._quotes[symbol.name] = listing.quote
        return markets[listing.name]

    def _check(self, timeframe: str) -> None:
        timeframe_s(timeframe)
        if timeframe not in self._client.timeframes:
            known = ", ".join(self._client.timeframes)
            raise InvalidRequestError(f"{self._title} has no candles of {timeframe}; its timeframes are {known}")

    async def _spot_markets(self, *, again: bool = False) -> dict[str, Market]:
        if again or not self._markets:
            if self._listing is None or self._listing.done():
                self._listing = asyncio.ensure_future(self._load_markets())
                self._listing.add_done_callback(_see_failure)
            # One call for all who wait, whoever of them goes away.
            await asyncio.shield(self._listing)
        return self._markets

    async def _load_markets(self) -> None:
        with translated(self._title):
            markets = await self._client.load_markets(bool(self._markets))
            found = {name: market for name, market in markets.items() if market["spot"]}
        if not found:
            raise SourceUnavailableError(f"{self._title} answered no list of markets; try again")
        self._markets, self._listed_at_s = found, monotonic()


def _see_failure(listing: asyncio.Future[None]) -> None:
    # Those who waited may all be gone.
    if not listing.cancelled():
        listing.exception()


def _ceil_ms(moment: datetime) -> int:
    return -((EPOCH - moment) // timedelta(milliseconds=1))
