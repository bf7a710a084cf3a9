"""Which forecasts are known already? Those in Redis that are of the newest candle and of the promoted model."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError

from candlecast.clock import Clock
from candlecast.errors import StorageError
from candlecast.market.calendars import target_time
from candlecast.market.candles import TIMEFRAMES_S, Symbol
from candlecast.schemas import Forecast
from candlecast.storage.cache import Cache, Series

_CHECK_INTERVAL_S = 1.0
_LONGEST_LIFE_S = 86_400.0
_DEMAND_S = 3_600.0
_MAX_HORIZON = 96


class CachedForecasts:
    """Reads and keeps forecasts, none beyond the close of the next candle.

    Redis is not believed: what it holds is checked against the clock and the promoted model, so a
    deletion that it missed in an outage does no harm.

    Parameters
    ----------
    cache : Cache
        Where forecasts are kept.
    clock : Clock
        Market time.
    symbols : mapping of str to Symbol
        The followed symbols by name.
    champion_id : callable
        Gives the id of the model promoted for a timeframe and horizon, or None; may block.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        clock: Clock,
        symbols: Mapping[str, Symbol],
        champion_id: Callable[[str, int], str | None],
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._symbols = symbols
        self._champion_id = champion_id
        self._asked_s: dict[Series, float] = {}
        self._champions: dict[tuple[str, int], str | None] = {}
        self._checked_s: dict[tuple[str, int], float] = {}
        self._checking = asyncio.Lock()

    async def find(self, wanted: Sequence[Series]) -> dict[Series, Forecast]:
        """Return those of the wanted forecasts that are known and hold now, their age brought up to date."""
        series = [one for one in wanted if self._may_exist(one)]
        self._asked_s |= dict.fromkeys(series, time.monotonic())
        found = map(_decoded, await self._cache.get_forecasts(series))
        known = [(one, forecast) for one, forecast in zip(series, found, strict=True) if forecast is not None]
        return {one: self._aged(forecast) for one, forecast in known if await self._holds(forecast)}

    def in_demand(self, symbol: str, timeframe: str) -> list[Series]:
        """Return the series of a symbol and timeframe that were looked for in the last hour."""
        since_s = time.monotonic() - _DEMAND_S
        return [one for one, at_s in self._asked_s.items() if one[:2] == (symbol, timeframe) and at_s >= since_s]

    async def keep(self, forecasts: Sequence[Forecast]) -> None:
        """Keep forecasts until the next candle closes; those that are stale already are left out."""
        bodies: dict[Series, tuple[bytes, float]] = {}
        for forecast in forecasts:
            if await self._holds(forecast):
                life_s = min(_LONGEST_LIFE_S, self._clock.wall_s_until(self._next_close(forecast)))
                series = (forecast.symbol, forecast.timeframe, forecast.horizon)
                bodies[series] = (forecast.model_dump_json().encode(), life_s)
        await self._cache.set_forecasts(bodies)

    async def _holds(self, forecast: Forecast) -> bool:
        if not forecast.as_of <= self._clock.now() < self._next_close(forecast):
            return False
        return forecast.model.id == await self._champion(forecast)

    def _may_exist(self, series: Series) -> bool:
        symbol, timeframe, horizon = series
        return symbol in self._symbols and timeframe in TIMEFRAMES_S and 1 <= horizon <= _MAX_HORIZON

    def _next_close(self, forecast: Forecast) -> datetime:
        return _close_after(forecast.as_of, forecast.timeframe, self._symbols[forecast.symbol].calendar)

    def _aged(self, forecast: Forecast) -> Forecast:
        age_s = (self._clock.now() - forecast.as_of).total_seconds()
        return forecast.model_copy(update={"data": forecast.data.model_copy(update={"age_s": age_s})})

    async def _champion(self, forecast: Forecast) -> str | None:
        key = (forecast.timeframe, forecast.horizon)
        async with self._checking:
            if time.monotonic() - self._checked_s.get(key, -_CHECK_INTERVAL_S) >= _CHECK_INTERVAL_S:
                # while the database is down nobody promotes
                with suppress(StorageError):
                    self._champions[key] = await asyncio.to_thread(self._champion_id, *key)
                self._checked_s[key] = time.monotonic()
        return self._champions.get(key, forecast.model.id)


@lru_cache(maxsize=1_024)
def _close_after(as_of: datetime, timeframe: str, calendar: str) -> datetime:
    # many forecasts are of one candle, and calendars are slow
    return target_time(as_of, timeframe=timeframe, horizon=1, calendar=calendar)


def _decoded(body: bytes | None) -> Forecast | None:
    try:
        return None if body is None else Forecast.model_validate_json(body)
    except ValidationError:
        # written by another version
        return None
