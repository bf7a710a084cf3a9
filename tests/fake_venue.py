"""A venue that knows a candles frame a symbol, and fails or lacks candles when it is told to."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from candlecast.clock import Clock
from candlecast.errors import SourceError, UnknownSymbolError
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import CandleUpdate


@dataclass
class FakeVenue:
    """`candles` by symbol name is its truth; `lacking` are opens that it does not have."""

    name: str
    candles: dict[str, pd.DataFrame]
    clock: Clock
    streams: bool = False
    failing: SourceError | None = None
    lacking: set[datetime] = field(default_factory=set)
    calls: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    connections: int = 0
    # what the present connection shall yield next; an error ends it
    pushed: "asyncio.Queue[CandleUpdate | SourceError]" = field(default_factory=asyncio.Queue)

    def quote_of(self, symbol: Symbol) -> str:
        return ""

    async def list_symbols(self) -> list[str]:
        return sorted(self.candles)

    async def fetch_candles(self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime) -> pd.DataFrame:
        self.calls.append((symbol.name, start, end))
        if self.failing is not None:
            raise self.failing
        if symbol.name not in self.candles:
            raise UnknownSymbolError(symbol.name, self.candles)
        frame = self.candles[symbol.name]
        shown = (frame["open_time"] >= start) & (frame["open_time"] < end) & (frame["open_time"] <= self.clock.now())
        return frame[shown & ~frame["open_time"].isin(list(self.lacking))].reset_index(drop=True)

    async def stream_candles(self, symbols: Sequence[Symbol], timeframe: str) -> AsyncGenerator[CandleUpdate, None]:
        self.connections += 1
        while True:
            item = await self.pushed.get()
            if isinstance(item, SourceError):
                raise item
            yield item

    async def fetch_price(self, symbol: Symbol) -> float:
        return float(self.candles[symbol.name]["close"].iloc[-1])

    async def ping(self) -> None:
        if self.failing is not None:
            raise self.failing

    async def close(self) -> None:
        return None

    def tell(self, symbol: Symbol, index: int, *, closed: bool = True) -> None:
        """Push candle number `index` of `symbol` over the stream."""
        row = self.candles[symbol.name].iloc[index]
        open_us = int(to_microseconds(pd.DatetimeIndex([row["open_time"]]))[0])
        values = tuple(float(row[name]) for name in PRICE_COLUMNS)
        self.pushed.put_nowait(CandleUpdate(symbol, open_us, values, closed=closed))
