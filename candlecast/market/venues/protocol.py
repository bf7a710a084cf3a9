"""What does every venue offer? The same verbs, the same candles frame, the same errors."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.market.calendars import close_times, to_times
from candlecast.market.candles import PRICE_COLUMNS, empty_candles
from candlecast.market.symbols import Symbol


@dataclass(frozen=True, slots=True)
class CandleUpdate:
    """What a stream tells of one candle.

    Parameters
    ----------
    symbol : Symbol
        Whose candle.
    open_us : int
        Its open, microseconds since 1970.
    values : tuple of 5 floats
        Open, high, low, close, volume so far.
    closed : bool
        True when the venue says that the candle is final; a venue that never says so sends False.
    """

    symbol: Symbol
    open_us: int
    values: tuple[float, float, float, float, float]
    closed: bool


class Venue(Protocol):
    """A source of candles and prices; safe to call from many tasks of one event loop.

    Every verb raises a ``SourceError``: blocked, rate limited, unavailable or not configured.
    """

    name: str
    streams: bool

    def quote_of(self, symbol: Symbol) -> str:
        """Return the currency in which this venue quotes `symbol`, "" for the symbol's own.

        ``USD`` for ``BTC/USDT`` on a venue that trades ``BTC-USD`` only; known after the first call
        of another verb for `symbol`.
        """
        ...

    async def list_symbols(self) -> list[str]:
        """Return the symbols that the venue is known to trade."""
        ...

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        """Return the candles that open in ``[start, end)``, the running one included if served.

        Parameters
        ----------
        symbol : Symbol
            Whose candles.
        timeframe : str
            One of ``TIMEFRAMES_S``.
        start, end : datetime
            Aware; any length, pages are fetched as needed.

        Returns
        -------
        DataFrame
            A candles frame, ascending; a candle that the venue lacks is absent, never filled.

        Raises
        ------
        UnknownSymbolError
            When the venue does not trade `symbol`.
        InvalidRequestError
            When the venue has no such timeframe.
        """
        ...

    def stream_candles(self, symbols: Sequence[Symbol], timeframe: str) -> AsyncGenerator[CandleUpdate, None]:
        """Yield what the venue pushes about the candles of `symbols`, over one connection.

        The iterator never reconnects and never fills a hole: it raises when the connection is lost,
        and stays silent as long as the venue does. A symbol that the venue does not know is left
        out with a warning, as long as it knows another one.

        Raises
        ------
        SourceNotConfiguredError
            When the venue has no stream (`streams` is False).
        UnknownSymbolError, SourceError
            As by `fetch_candles`, and when the connection is lost.
        """
        ...

    async def fetch_price(self, symbol: Symbol) -> float:
        """Return the latest price, on the scale of the newest candle's close."""
        ...

    async def ping(self) -> None:
        """Return when the venue answers, raise otherwise."""
        ...

    async def close(self) -> None:
        """Give back connections; the venue is not used afterwards."""
        ...


def make_frame(
    opens_us: NDArray[np.int64], values: NDArray[np.float64], *, timeframe: str, calendar: str
) -> pd.DataFrame:
    """Return a candles frame, ascending, one row an open (the later of two wins).

    Parameters
    ----------
    opens_us : ndarray, shape (n,)
        Opens, microseconds since 1970.
    values : ndarray, shape (n, 5)
        Open, high, low, close, volume.
    timeframe, calendar : str
        Give the closes.
    """
    if len(opens_us) == 0:
        return empty_candles()
    opens = to_times(opens_us)
    frame = pd.DataFrame({"open_time": opens})
    frame["close_time"] = close_times(opens, timeframe=timeframe, calendar=calendar)
    frame[list(PRICE_COLUMNS)] = values
    return frame.drop_duplicates("open_time", keep="last").sort_values("open_time", ignore_index=True)
