"""How does the running candle of a symbol stand? As whoever follows the market told Redis last."""

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd

from candlecast.clock import Clock
from candlecast.market.calendars import close_times
from candlecast.market.symbols import Symbol
from candlecast.schemas import Candle
from candlecast.storage.cache import Cache

_EPOCH = pd.Timestamp("1970-01-01T00:00:00Z")


class RunningCandles:
    """Reads candles that are not closed yet.

    Parameters
    ----------
    symbols : mapping of str to Symbol
        The followed symbols by name.
    timeframe : str
        The followed timeframe.
    clock : Clock
        Market time.
    cache : Cache
        Where they are told.
    """

    def __init__(self, *, symbols: Mapping[str, Symbol], timeframe: str, clock: Clock, cache: Cache) -> None:
        self._symbols = symbols
        self._timeframe = timeframe
        self._clock = clock
        self._cache = cache

    async def find(self, symbol: str, timeframe: str) -> Candle | None:
        """Return the running candle, its quality ``partial``.

        None where nobody told of one, where it has closed, and for another timeframe than the
        followed one. An unknown volume is None.
        """
        if timeframe != self._timeframe or symbol not in self._symbols:
            return None
        told = (await self._cache.get_prices([symbol])).get(symbol, {})
        if "candle" not in told:
            return None
        opened_us, *values = told["candle"]
        opened = _EPOCH + timedelta(microseconds=opened_us)
        calendar = self._symbols[symbol].calendar
        closes = close_times(pd.DatetimeIndex([opened]), timeframe=timeframe, calendar=calendar)[0]
        if pd.isna(closes) or not opened <= self._clock.now() < closes:
            return None
        prices = dict(zip(("open", "high", "low", "close", "volume"), values, strict=True))
        times = {"open_time": opened.to_pydatetime(), "close_time": closes.to_pydatetime()}
        return Candle(**times, **prices, source=str(told["source"]), quality="partial")
