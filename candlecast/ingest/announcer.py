"""Who hears of stored candles? Listeners on Redis, and the forecasts that they make stale."""

import asyncio
import logging
from datetime import datetime

from candlecast.ingest.intake import Taken
from candlecast.market.symbols import Symbol
from candlecast.market.validation import SERIES
from candlecast.storage.cache import Cache

logger = logging.getLogger(__name__)


class Announcer:
    """Tells the newest close of each symbol that got candles, in one call for all that came meanwhile.

    Parameters
    ----------
    cache : Cache
        Redis, which may be down.
    timeframe : str
        Of the candles.
    symbols : dict of int to Symbol
        The followed symbols by number.
    """

    def __init__(self, *, cache: Cache, timeframe: str, symbols: dict[int, Symbol]) -> None:
        self._cache = cache
        self._timeframe = timeframe
        self._symbols = symbols
        self._told: dict[int, datetime] = {}
        self._news: dict[str, datetime] = {}
        self._wake = asyncio.Event()

    def note(self, taken: Taken) -> None:
        """Take what was written; candles that were there already are no news."""
        if taken.written.inserted + taken.written.revised == 0:
            return
        newest = taken.candles.groupby(SERIES)["close_time"].max()
        for number, close in zip(newest.index.tolist(), newest.dt.to_pydatetime(), strict=True):
            if taken.written.revised or number not in self._told or close > self._told[number]:
                self._news[self._symbols[number].name] = close
                self._told[number] = max(close, self._told.get(number, close))
        self._wake.set()

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            news, self._news = self._news, {}
            if news:
                logger.info("candles of %d symbols stored, newest close %s", len(news), max(news.values()))
                await self._cache.stored(self._timeframe, news)
