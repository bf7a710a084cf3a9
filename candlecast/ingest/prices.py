"""What is the price right now? The running candles of all followed symbols, told to Redis twice a second."""

import asyncio

import pandas as pd

from candlecast.clock import Clock
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.venues.broken import is_price
from candlecast.storage.cache import Cache

FLUSH_S = 0.5
# a price that nobody renews is gone after this: readers then ask the venue; polled venues renew one a candle
PRICE_TTL_S = 120.0

# open in microseconds since 1970, then open, high, low, close, volume so far
Running = tuple[int, float, float, float, float, float]


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

    def note(self, symbol: Symbol, price: float, *, source: str, running: Running | None = None) -> None:
        """Take a price that is true now, and the running candle so far where it is known; what is none is left out."""
        if not is_price(price):
            return
        if running is not None and not all(map(is_price, running[1:5])):
            running = None
        told = {"price": price, "source": source, "at": self._clock.now().isoformat()}
        self._fresh[symbol.name] = told if running is None else told | {"candle": running}

    def note_frame(self, symbol: Symbol, candles: pd.DataFrame, *, source: str) -> None:
        """Take the close of the running candle, if `candles` has it."""
        if len(candles) and candles["close_time"].iloc[-1] > self._clock.now():
            newest = candles.iloc[-1]
            opened = int(to_microseconds(pd.DatetimeIndex([newest["open_time"]]))[0])
            opening, high, low, close, volume = (float(newest[name]) for name in PRICE_COLUMNS)
            running = (opened, opening, high, low, close, volume)
            self.note(symbol, close, source=source, running=running)

    async def run(self) -> None:
        """Flush for ever."""
        while True:
            fresh, self._fresh = self._fresh, {}
            if fresh:
                await self._cache.set_prices(fresh, ttl_s=PRICE_TTL_S)
                await self._cache.publish_many("prices", [_event(name, price) for name, price in fresh.items()])
            await asyncio.sleep(FLUSH_S)


def _event(symbol: str, price: dict[str, object]) -> dict[str, object]:
    return {"symbol": symbol} | {name: value for name, value in price.items() if name != "candle"}
