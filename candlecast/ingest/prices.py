"""What is the price right now? The running candles of all followed symbols, told to Redis twice a second."""

import asyncio

import pandas as pd

from candlecast.clock import Clock
from candlecast.market.candles import Symbol
from candlecast.storage.cache import Cache

FLUSH_S = 0.5
# a price that nobody renews is gone after this: readers then ask the venue; polled venues renew one a candle
PRICE_TTL_S = 120.0


class PriceBoard:
    """The newest price of each symbol, kept until the next flush.

    Parameters
    ----------
    clock : Clock
        Market time.
    cache : Cache
        Where the prices are read.
    """

    def __init__(self, *, clock: Clock, cache: Cache) -> None:
        self._clock = clock
        self._cache = cache
        self._fresh: dict[str, dict[str, object]] = {}

    def note(self, symbol: Symbol, price: float, *, source: str) -> None:
        """Take a price that is true now."""
        self._fresh[symbol.name] = {"price": price, "source": source, "at": self._clock.now().isoformat()}

    def note_frame(self, symbol: Symbol, candles: pd.DataFrame, *, source: str) -> None:
        """Take the close of the running candle, if `candles` has it."""
        if len(candles) and candles["close_time"].iloc[-1] > self._clock.now():
            self.note(symbol, float(candles["close"].iloc[-1]), source=source)

    async def run(self) -> None:
        """Flush for ever."""
        while True:
            fresh, self._fresh = self._fresh, {}
            if fresh:
                await self._cache.set_prices(fresh, ttl_s=PRICE_TTL_S)
            await asyncio.sleep(FLUSH_S)
