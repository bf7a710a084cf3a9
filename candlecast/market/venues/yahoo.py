"""Candles and prices of stocks, and of coins in dollars, from Yahoo Finance, through yfinance."""

import asyncio
import json
import warnings
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import yfinance
from curl_cffi.requests import Response
from curl_cffi.requests.exceptions import RequestException
from pandas.errors import Pandas4Warning
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError

from candlecast.errors import (
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.calendars import ALWAYS_OPEN, session_opens, to_microseconds
from candlecast.market.listings import find_yahoo_listing, read_pair
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.market.venues.broken import BROKEN_ANSWER, price_in
from candlecast.market.venues.limits import Limiter
from candlecast.market.venues.protocol import CandleUpdate, make_frame
from candlecast.market.venues.yahoo_session import (
    CHART_PATH,
    DEFAULT_RETRY_AFTER_S,
    LONGEST_TEXT,
    NoCandlesError,
    TooLongAgoError,
    open_session,
)

TIMEOUT_S = 10.0
N_THREADS = 8
PRICE_RANGE = "5d"
CHART_URL = f"https://query2.finance.yahoo.com{CHART_PATH}"
CRUMB_URL = "https://query2.finance.yahoo.com/v1/test/getcrumb"
COLUMNS = ("Open", "High", "Low", "Close", "Volume")
T = TypeVar("T")


class YahooVenue:
    """Yahoo Finance: stocks, their prices scaled by adjusted close over close, and coins in dollars.

    The volume of a coin is NaN: Yahoo tells what was paid for it, at all venues together.

    Parameters
    ----------
    base_url : str
        Another server that speaks the v8 chart, such as a replay; empty for Yahoo itself.
    cache_folder : Path
        Where yfinance keeps time zones and cookies.
    limiter : Limiter, optional
        Asked before each call.
    """

    name = "yahoo"
    streams = False

    def __init__(self, *, base_url: str = "", cache_folder: Path, limiter: Limiter | None = None) -> None:
        cache_folder.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(cache_folder))
        # yfinance turns this warning on when it is imported, and raises it with every call.
        warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
        # Else a failed call comes back as an empty frame.
        yfinance.config.debug.hide_exceptions = False
        self._session = open_session(base_url)
        self._limiter = limiter
        # Its own: a Yahoo that hangs shall not hold the threads that others of this process wait for.
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix=self.name)

    def quote_of(self, symbol: Symbol) -> str:
        """Return ``USD`` for a pair with a coin that is pegged to it, else ""; see `Venue`."""
        return find_yahoo_listing(symbol).quote

    async def list_symbols(self) -> list[str]:
        """Return an empty list: Yahoo has no list of what it trades."""
        return []

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Return the candles that open in ``[start, end)``; see `Venue`."""
        timeframe_s(timeframe)
        table = await self._call(lambda: self._history(symbol, timeframe, start, end))
        frame = _to_frame(table, timeframe=timeframe, calendar=symbol.calendar)
        return frame[(frame["open_time"] >= start) & (frame["open_time"] < end)].reset_index(drop=True)

    def stream_candles(self, symbols: Sequence[Symbol], timeframe: str) -> AsyncGenerator[CandleUpdate]:
        """Refuse: Yahoo has no stream of candles."""
        raise SourceNotConfiguredError("Yahoo has no stream of candles; ask for them instead")

    async def fetch_price(self, symbol: Symbol) -> float:
        """Return the newest close of the day's candle, on the scale of the candles."""
        table = await self._call(lambda: self._ask(symbol, {"interval": "1d", "period": PRICE_RANGE}))
        closes = table["Adj Close"].dropna() if len(table) else table
        if len(closes):
            return float(closes.to_numpy(dtype=np.float64)[-1])
        return await self._call(lambda: self._quoted(symbol))

    async def ping(self) -> None:
        """Return when Yahoo answers."""
        await self._call(lambda: self._get(CRUMB_URL))

    async def close(self) -> None:
        """Close the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    async def _call(self, ask: Callable[[], T]) -> T:
        if self._limiter is not None:
            await self._limiter.take(self.name, 1.0)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except SourceRateLimitedError as error:
            if self._limiter is not None:
                await self._limiter.observe(self.name, used_share=None, retry_after_s=error.retry_after_s)
            raise

    def _history(self, symbol: Symbol, timeframe: str, start: datetime, end: datetime) -> pd.DataFrame:
        # A day's candle carries the stamp of its session, or of its last trade while it runs.
        edge = timedelta(days=1) if timeframe == "1d" else timedelta()
        try:
            return self._ask(symbol, {"interval": timeframe, "start": start - edge, "end": end + edge})
        except TooLongAgoError:
            return self._ask(symbol, {"interval": timeframe, "period": "max"})

    def _ask(self, symbol: Symbol, query: dict[str, object]) -> pd.DataFrame:
        # yfinance keeps answers, failures too, of ranges that it takes for past.
        YfData.cache_get.cache_clear()
        try:
            ticker = yfinance.Ticker(find_yahoo_listing(symbol).name, session=self._session)
            table = ticker.history(**query, auto_adjust=False, actions=False, timeout=TIMEOUT_S)
        except (NoCandlesError, YFPricesMissingError):
            return pd.DataFrame()
        except UnknownSymbolError as error:
            pair = read_pair(symbol.name)
            raise UnknownSymbolError(symbol.name, [pair] if pair and pair != symbol.name else []) from error
        except YFRateLimitError as error:
            message = f"Yahoo asks to wait {DEFAULT_RETRY_AFTER_S:g} s"
            raise SourceRateLimitedError(message, DEFAULT_RETRY_AFTER_S) from error
        except (YFException, RequestException, OSError, *BROKEN_ANSWER) as error:
            raise SourceUnavailableError(
                f"Yahoo does not answer for {symbol.name}: {str(error)[:LONGEST_TEXT]}"
            ) from error
        return pd.DataFrame(table)

    def _quoted(self, symbol: Symbol) -> float:
        answer = self._get(f"{CHART_URL}{find_yahoo_listing(symbol).name}?range=1d&interval=1d")
        try:
            return price_in(json.loads(answer.text)["chart"]["result"][0]["meta"]["regularMarketPrice"])
        except BROKEN_ANSWER as error:
            raise SourceUnavailableError(f"Yahoo has no price of {symbol.name} now; try later") from error

    def _get(self, url: str) -> Response:
        try:
            return self._session.get(url, timeout=TIMEOUT_S)
        except (RequestException, OSError) as error:
            raise SourceUnavailableError(f"Yahoo does not answer: {str(error)[:LONGEST_TEXT]}") from error


def _to_frame(table: pd.DataFrame, *, timeframe: str, calendar: str) -> pd.DataFrame:
    if not len(table):
        return make_frame(np.empty(0, np.int64), np.empty((0, 5)), timeframe=timeframe, calendar=calendar)
    stamps = pd.DatetimeIndex(table.index)
    of_sessions = timeframe == "1d" and calendar != ALWAYS_OPEN
    opens = session_opens(stamps, calendar=calendar) if of_sessions else stamps.tz_convert(UTC)
    values = table[list(COLUMNS)].to_numpy(dtype=np.float64, copy=True)
    values[:, :4] *= (table["Adj Close"] / table["Close"]).to_numpy()[:, np.newaxis]
    if calendar == ALWAYS_OPEN:
        values[:, 4] = np.nan
    known = np.asarray(opens.notna())
    return make_frame(to_microseconds(opens)[known], values[known], timeframe=timeframe, calendar=calendar)
