"""Candles and prices of stocks from Yahoo Finance, through yfinance."""

import asyncio
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yfinance
from curl_cffi.requests.exceptions import RequestException
from pandas.errors import Pandas4Warning
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError

from candlecast.errors import SourceRateLimitedError, SourceUnavailableError
from candlecast.market.calendars import session_opens, to_microseconds
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.market.venues.protocol import make_frame
from candlecast.market.venues.yahoo_session import (
    DEFAULT_RETRY_AFTER_S,
    LONGEST_TEXT,
    NoCandlesError,
    TooLongAgoError,
    open_session,
)

TIMEOUT_S = 10.0
PRICE_RANGE = "5d"
COLUMNS = ("Open", "High", "Low", "Close", "Volume")


class YahooVenue:
    """Stocks of Yahoo Finance; prices are scaled by adjusted close over close.

    Parameters
    ----------
    base_url : str
        Another server that speaks the v8 chart, such as a replay; empty for Yahoo itself.
    cache_folder : Path
        Where yfinance keeps time zones and cookies.
    """

    name = "yahoo"

    def __init__(self, *, base_url: str = "", cache_folder: Path) -> None:
        cache_folder.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(cache_folder))
        # yfinance turns this warning on when it is imported, and raises it with every call.
        warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
        # Else a failed call comes back as an empty frame.
        yfinance.config.debug.hide_exceptions = False
        self._session = open_session(base_url)

    async def list_symbols(self) -> list[str]:
        """Return an empty list: Yahoo has no list of what it trades."""
        return []

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Return the candles that open in ``[start, end)``; see `Venue`."""
        timeframe_s(timeframe)
        table = await asyncio.to_thread(self._history, symbol, timeframe, start, end)
        frame = _to_frame(table, timeframe=timeframe, calendar=symbol.calendar)
        return frame[(frame["open_time"] >= start) & (frame["open_time"] < end)].reset_index(drop=True)

    async def fetch_price(self, symbol: Symbol) -> float:
        """Return the newest close of the day's candle, on the scale of the candles."""
        table = await asyncio.to_thread(self._ask, symbol, {"interval": "1d", "period": PRICE_RANGE})
        closes = table["Adj Close"].dropna() if len(table) else table
        if not len(closes):
            raise SourceUnavailableError(f"Yahoo has no price of {symbol.name} in the last {PRICE_RANGE}; try later")
        return float(closes.to_numpy(dtype=np.float64)[-1])

    async def ping(self) -> None:
        """Return when Yahoo answers."""
        await asyncio.to_thread(self._ping)

    async def close(self) -> None:
        """Close the connections."""
        self._session.close()

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
            ticker = yfinance.Ticker(symbol.name, session=self._session)
            table = ticker.history(**query, auto_adjust=False, actions=False, timeout=TIMEOUT_S)
        except (NoCandlesError, YFPricesMissingError):
            return pd.DataFrame()
        except YFRateLimitError as error:
            message = f"Yahoo asks to wait {DEFAULT_RETRY_AFTER_S:g} s"
            raise SourceRateLimitedError(message, DEFAULT_RETRY_AFTER_S) from error
        except (YFException, RequestException, OSError, ValueError, KeyError, TypeError) as error:
            raise SourceUnavailableError(
                f"Yahoo does not answer for {symbol.name}: {str(error)[:LONGEST_TEXT]}"
            ) from error
        return pd.DataFrame(table)

    def _ping(self) -> None:
        try:
            self._session.get("https://query2.finance.yahoo.com/v1/test/getcrumb", timeout=TIMEOUT_S)
        except (RequestException, OSError) as error:
            raise SourceUnavailableError(f"Yahoo does not answer: {str(error)[:LONGEST_TEXT]}") from error


def _to_frame(table: pd.DataFrame, *, timeframe: str, calendar: str) -> pd.DataFrame:
    if not len(table):
        return make_frame(np.empty(0, np.int64), np.empty((0, 5)), timeframe=timeframe, calendar=calendar)
    stamps = pd.DatetimeIndex(table.index)
    opens = session_opens(stamps, calendar=calendar) if timeframe == "1d" else stamps.tz_convert(UTC)
    values = table[list(COLUMNS)].to_numpy(dtype=np.float64, copy=True)
    values[:, :4] *= (table["Adj Close"] / table["Close"]).to_numpy()[:, np.newaxis]
    known = np.asarray(opens.notna())
    return make_frame(to_microseconds(opens)[known], values[known], timeframe=timeframe, calendar=calendar)
