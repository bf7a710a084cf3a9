"""How does each figure stand that a rule looks at? Read at once for all rules, as of the market time."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from candlecast.clock import Clock
from candlecast.market.calendars import target_time
from candlecast.market.reader import MarketReader
from candlecast.market.symbols import Symbol
from candlecast.news.reader import window_seconds
from candlecast.schemas import Alert, Forecast
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.closes import CloseStore, StoredClose

# a score of hours of news changes slowly, and costs a query a symbol
SENTIMENT_HOLDS_S = 15.0


@dataclass(frozen=True, slots=True)
class ReadingSources:
    """Where figures come from.

    Parameters
    ----------
    cache : Cache
        Live prices.
    closes : CloseStore
        Stored closes.
    reader : MarketReader
        Newest candles, and which are late.
    forecasts : callable
        Newest recorded forecast of the promoted model for each of some symbols that has one, at a
        horizon; may block.
    sentiment : callable
        Score of a symbol in a window such as ``24h``, None where no story says anything.
    """

    cache: Cache
    closes: CloseStore
    reader: MarketReader
    forecasts: Callable[[Collection[str], int], Mapping[str, Forecast]]
    sentiment: Callable[[str, str], Awaitable[float | None]]


class Readings:
    """Figures of followed symbols.

    Parameters
    ----------
    symbols : mapping of str to Symbol
        The followed symbols by name.
    clock : Clock
        Market time; nothing later is read.
    sources : ReadingSources
        Where from.
    """

    def __init__(self, *, symbols: Mapping[str, Symbol], clock: Clock, sources: ReadingSources) -> None:
        self._symbols = symbols
        self._clock = clock
        self._from = sources
        self._scores: dict[tuple[str, str], tuple[float, float | None]] = {}
        self._of = {
            "price": self._prices,
            "move_pct": self._moves,
            "p_up": self._forecasts,
            "coverage": self._forecasts,
            "sentiment": self._sentiments,
            "data_age_s": self._ages,
        }

    def now(self) -> datetime:
        """Return the market time."""
        return self._clock.now()

    async def values(self, alerts: Sequence[Alert]) -> dict[int, float]:
        """Return the figure of each rule by its id; rules whose figure is not known are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        timeframe = self._from.reader.timeframe
        mine = [alert for alert in alerts if alert.symbol in self._symbols and alert.timeframe == timeframe]
        found: dict[int, float | None] = {}
        for metric, read in self._of.items():
            if wanted := [alert for alert in mine if alert.metric == metric]:
                found |= await read(wanted)
        return {number: value for number, value in found.items() if value is not None and math.isfinite(value)}

    async def _prices(self, alerts: Sequence[Alert]) -> dict[int, float | None]:
        prices = await self._newest(list({alert.symbol for alert in alerts}))
        return {alert.id: prices.get(alert.symbol) for alert in alerts}

    async def _moves(self, alerts: Sequence[Alert]) -> dict[int, float | None]:
        prices = await self._newest(list({alert.symbol for alert in alerts}))
        found: dict[int, float | None] = {}
        for window in {alert.window for alert in alerts}:
            group = [alert for alert in alerts if alert.window == window and alert.symbol in prices]
            since = self._clock.now() - timedelta(seconds=window_seconds(window))
            before = await self._closes([alert.symbol for alert in group], until=since)
            for alert in group:
                base = self._without_hole(before.get(alert.symbol), self._symbols[alert.symbol], since=since)
                found[alert.id] = None if base is None else 100.0 * (prices[alert.symbol] / base - 1.0)
        return found

    async def _forecasts(self, alerts: Sequence[Alert]) -> dict[int, float | None]:
        found: dict[int, float | None] = {}
        for horizon in {alert.horizon for alert in alerts}:
            group = [alert for alert in alerts if alert.horizon == horizon]
            newest = await asyncio.to_thread(self._from.forecasts, {alert.symbol for alert in group}, horizon)
            now = self._clock.now()
            # one whose target has come says nothing of what will, one of a later time is from another replay
            told = {name: one for name, one in newest.items() if one.as_of <= now < one.target_time}
            for alert in group:
                if (forecast := told.get(alert.symbol)) is not None:
                    found[alert.id] = forecast.p_up if alert.metric == "p_up" else forecast.model.coverage_recent
        return found

    async def _sentiments(self, alerts: Sequence[Alert]) -> dict[int, float | None]:
        for key in {(alert.symbol, alert.window) for alert in alerts}:
            read_s, _ = self._scores.get(key, (-math.inf, None))
            if time.monotonic() - read_s >= SENTIMENT_HOLDS_S:
                self._scores[key] = (time.monotonic(), await self._from.sentiment(*key))
        return {alert.id: self._scores[alert.symbol, alert.window][1] for alert in alerts}

    async def _ages(self, alerts: Sequence[Alert]) -> dict[int, float | None]:
        newest, now = await self._from.reader.newest(), self._clock.now()
        late = set(self._from.reader.late(newest, now))
        ages = {name: (now - newest[name].close_time).total_seconds() if name in late else 0.0 for name in newest}
        return {alert.id: ages.get(alert.symbol) for alert in alerts}

    async def _newest(self, names: Sequence[str]) -> dict[str, float]:
        now = self._clock.now()
        live, closes = await asyncio.gather(self._from.cache.get_prices(names), self._closes(names, until=now))
        found = {name: close.close for name, close in closes.items()}
        for name, price in live.items():
            at = datetime.fromisoformat(price["at"])
            # a live price of a later time is from another replay
            if at <= now and (name not in closes or at >= closes[name].close_time):
                found[name] = float(price["price"])
        return found

    async def _closes(self, names: Sequence[str], *, until: datetime) -> dict[str, StoredClose]:
        return await asyncio.to_thread(self._from.closes.newest, names, self._from.reader.timeframe, until=until)

    def _without_hole(self, before: StoredClose | None, symbol: Symbol, *, since: datetime) -> float | None:
        if before is None:
            return None
        timeframe = self._from.reader.timeframe
        following = target_time(before.close_time, timeframe=timeframe, horizon=1, calendar=symbol.calendar)
        # a hole at that time: an older close would be the move of more than the window
        return before.close if following > since else None
