"""Candles and prices of Binance spot, through ccxt."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import ccxt
import ccxt.async_support
import numpy as np
import pandas as pd

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.market.venues.protocol import make_frame

PAGE_CANDLES = 1_000
PAGES_AT_ONCE = 4
ROW_FIELDS = 12
TIMEOUT_MS = 10_000
BLOCKED_STATUSES = (403, 418, 451)
DEFAULT_RETRY_AFTER_S = 60.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Page = list[list[Any]]


class BinanceVenue:
    """Binance spot.

    Parameters
    ----------
    base_url : str
        Another server that speaks the same REST, such as a replay; empty for Binance itself. Calls
        are spaced out by Binance's rate limit only when empty.
    """

    name = "binance"

    def __init__(self, *, base_url: str = "") -> None:
        options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "defaultType": "spot"}
        self._client = ccxt.async_support.binance(
            {"enableRateLimit": not base_url, "timeout": TIMEOUT_MS, "options": options}
        )
        self._client.handle_errors = partial(_raise_for_answer, self._client.handle_errors)
        if base_url:
            addresses = self._client.urls["api"]
            for key, address in list(addresses.items()):
                # Every address, so that no call ever leaves for the real host.
                if isinstance(address, str):
                    addresses[key] = f"{base_url.rstrip('/')}/{address.split('/', 3)[-1]}"
        self._markets_lock = asyncio.Lock()
        self._page_slots = asyncio.Semaphore(PAGES_AT_ONCE)

    async def list_symbols(self) -> list[str]:
        """Return the active spot pairs, sorted."""
        markets = await self._load_markets()
        return sorted(name for name, market in markets.items() if market["spot"] and market["active"] is not False)

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Return the candles that open in ``[start, end)``; see `Venue`."""
        market_id = await self._market_id(symbol)
        step_ms = timeframe_s(timeframe) * 1_000
        first_ms, last_ms = _ceil_ms(start), _ceil_ms(end)
        windows = range(first_ms, last_ms, PAGE_CANDLES * step_ms)
        pages = await asyncio.gather(
            *(
                self._fetch_page(market_id, timeframe, lower, min(lower + PAGE_CANDLES * step_ms, last_ms) - 1)
                for lower in windows
            )
        )
        rows = [row for page in pages for row in page]
        return _to_frame(rows, timeframe=timeframe, calendar=symbol.calendar)

    async def fetch_price(self, symbol: Symbol) -> float:
        """Return the price of the last trade."""
        market_id = await self._market_id(symbol)
        async with _mapped():
            answer = await self._client.publicGetTickerPrice({"symbol": market_id})
        try:
            return float(answer["price"])
        except (KeyError, TypeError, ValueError) as error:
            raise SourceUnavailableError(f"Binance answered no price for {symbol.name}; try again") from error

    async def ping(self) -> None:
        """Return when Binance answers."""
        async with _mapped():
            await self._client.publicGetPing()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _load_markets(self) -> dict[str, Any]:
        async with self._markets_lock, _mapped():
            return dict(await self._client.load_markets())

    async def _market_id(self, symbol: Symbol) -> str:
        markets = await self._load_markets()
        if symbol.name not in markets:
            raise UnknownSymbolError(symbol.name, markets)
        return str(markets[symbol.name]["id"])

    async def _fetch_page(self, market_id: str, timeframe: str, lower_ms: int, upper_ms: int) -> Page:
        query = {
            "symbol": market_id, "interval": timeframe, "limit": PAGE_CANDLES,
            "startTime": lower_ms, "endTime": upper_ms,
        }  # fmt: skip
        async with self._page_slots, _mapped():
            page = await self._client.publicGetKlines(query)
        if not isinstance(page, list):
            raise SourceUnavailableError(f"Binance answered no list of candles for {market_id}; try again")
        return page


def _raise_for_answer(handle: Callable[..., object], code: int, reason: str, *rest: object) -> object:
    # ccxt maps 403, 451 and 5xx to one error and reads a broken 200 answer as candles of zeros.
    headers, response = rest[2], rest[4]
    if code == 429:
        wait_s = _retry_after_s(headers)
        raise SourceRateLimitedError(f"Binance asks to wait {wait_s:g} s (HTTP 429)", wait_s)
    if code in BLOCKED_STATUSES:
        raise SourceBlockedError(f"Binance refuses this address (HTTP {code} {reason}); another venue is needed")
    if code == 200 and response is None:
        raise SourceUnavailableError("Binance answered something that is not JSON; try again")
    return handle(code, reason, *rest)


@asynccontextmanager
async def _mapped() -> AsyncIterator[None]:
    # Turns what ccxt raises into our errors; SourceErrors of `handle_errors` pass through.
    try:
        yield
    except (ccxt.BadRequest, ccxt.NotSupported) as error:
        raise InvalidRequestError(f"Binance refuses the request: {_shorten(error)}") from error
    except ccxt.RateLimitExceeded as error:
        message = f"Binance asks to wait {DEFAULT_RETRY_AFTER_S:g} s: {_shorten(error)}"
        raise SourceRateLimitedError(message, DEFAULT_RETRY_AFTER_S) from error
    except (ccxt.BaseError, OSError, TimeoutError) as error:
        raise SourceUnavailableError(f"Binance does not answer: {_shorten(error)}") from error


def _shorten(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"


def _retry_after_s(headers: object) -> float:
    named = headers.items() if isinstance(headers, dict) else ()
    text = next((str(value) for key, value in named if str(key).lower() == "retry-after"), "")
    return float(text) if text.isdecimal() else DEFAULT_RETRY_AFTER_S


def _ceil_ms(moment: datetime) -> int:
    return -((EPOCH - moment) // timedelta(milliseconds=1))


def _to_frame(rows: Page, *, timeframe: str, calendar: str) -> pd.DataFrame:
    try:
        if any(len(row) != ROW_FIELDS for row in rows):
            raise ValueError(f"a row has not {ROW_FIELDS} fields")
        # Twice as fast as np.array of the rows.
        figures = list(map(float, chain.from_iterable(row[:6] for row in rows)))
        table = np.array(figures, dtype=np.float64).reshape(-1, 6)
    except (TypeError, ValueError) as error:
        raise SourceUnavailableError(f"Binance answered broken candles ({_shorten(error)}); try again") from error
    opens_us = table[:, 0].astype(np.int64) * 1_000
    return make_frame(opens_us, table[:, 1:], timeframe=timeframe, calendar=calendar)
