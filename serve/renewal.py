"""Makes the forecasts of each new candle before anybody asks, and tells whoever keeps them."""

import asyncio
import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NoReturn

import structlog

from candlecast.clock import Clock
from candlecast.errors import CandlecastError
from candlecast.forecasts.path import due_time
from candlecast.forecasts.service import ForecastService
from candlecast.market.symbols import Symbol
from candlecast.schemas import Forecast
from candlecast.storage.cache import Cache

# candles of one close come one after the other: each forecast shall know what the other symbols did
_GATHER_S = 0.25
# an event that was lost is caught by then; what was revised unheard, by the check
_POLL_S, _CHECK_S = 3.0, 60.0
# after a start each symbol's history is gone through: who asks meanwhile waits for one lot of them
_LOT = 50
_LOCK_S = 20.0
_LONGEST_LIFE_S = 86_400.0
_NICENESS = 5

log = structlog.get_logger(__name__)


class ForecastRenewal:
    """Follows the stored candles of one timeframe; of several replicas one works at a time.

    Parameters
    ----------
    service : ForecastService
        Makes and records.
    cache : Cache
        Tells of stored candles, keeps encoded forecasts for the API, and tells of them.
    clock : Clock
        Market time.
    symbols : mapping of str to Symbol
        The followed symbols by name.
    timeframe : str
        Of the candles.
    """

    def __init__(
        self, *, service: ForecastService, cache: Cache, clock: Clock, symbols: Mapping[str, Symbol], timeframe: str
    ) -> None:
        self._service = service
        self._cache = cache
        self._clock = clock
        self._symbols = symbols
        self._timeframe = timeframe
        self._closes: dict[str, datetime] = {}
        self._wake = asyncio.Event()
        self._whole = asyncio.Event()
        self._checked_s = time.monotonic()
        # whoever waits for an answer goes before a batch that nobody waits for
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="renewal", initializer=_step_back)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear())
            group.create_task(self._work())

    async def _hear(self) -> None:
        async for batch in self._cache.batches("candles"):
            for event in batch:
                if event["timeframe"] == self._timeframe and event["symbol"] in self._symbols:
                    self._note(event["symbol"], datetime.fromisoformat(event["close_time"]))

    def _note(self, name: str, close: datetime) -> None:
        # the oldest that was written counts: it may be a revision
        self._closes[name] = min(close, self._closes.get(name, close))
        self._wake.set()
        if len(self._closes) == len(self._symbols):
            self._whole.set()

    async def _work(self) -> NoReturn:
        await self._renew_all()
        while True:
            await self._gather()
            closes, self._closes = self._closes, {}
            if closes:
                await self._renew(closes)
            else:
                await self._renew_all()

    async def _renew_all(self) -> None:
        names, now = list(self._symbols), self._clock.now()
        for start in range(0, len(names), _LOT):
            await self._renew(dict.fromkeys(names[start : start + _LOT], now))

    async def _gather(self) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await self._wake.wait()
            async with asyncio.timeout(_GATHER_S):
                await self._whole.wait()
        except TimeoutError:
            pass
        self._wake.clear()
        self._whole.clear()

    async def _renew(self, closes: Mapping[str, datetime]) -> None:
        try:
            async with self._cache.lock(f"forecasts:{self._timeframe}", ttl_s=_LOCK_S) as mine:
                if mine:
                    made = await asyncio.get_running_loop().run_in_executor(self._worker, self._made, closes)
                    await self._tell(made)
        except CandlecastError as error:
            log.warning("forecasts not renewed, trying again", reason=str(error))
        except Exception:
            # whoever asks still has each forecast made
            log.exception("forecasts not renewed")

    def _made(self, closes: Mapping[str, datetime]) -> list[tuple[Forecast, bytes]]:
        if time.monotonic() - self._checked_s >= _CHECK_S:
            self._service.check(self._timeframe)
            self._checked_s = time.monotonic()
        made = self._service.renew(self._timeframe, closes)
        return [(forecast, forecast.model_dump_json().encode()) for forecast in made]

    async def _tell(self, made: Sequence[tuple[Forecast, bytes]]) -> None:
        if not made:
            return
        await self._cache.set_forecasts(
            {(one.symbol, one.timeframe, one.horizon): (body, self._life_s(one)) for one, body in made}
        )
        await self._cache.publish_many("forecasts", [_event(forecast) for forecast, _ in made])

    def _life_s(self, forecast: Forecast) -> float:
        calendar = self._symbols[forecast.symbol].calendar
        next_close = due_time(forecast.as_of, forecast.timeframe, 1, calendar)
        return min(_LONGEST_LIFE_S, self._clock.wall_s_until(next_close))


def _step_back() -> None:
    # of this thread alone, as Linux has it
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _event(forecast: Forecast) -> dict[str, object]:
    return {
        "symbol": forecast.symbol,
        "timeframe": forecast.timeframe,
        "horizon": forecast.horizon,
        "as_of": forecast.as_of.isoformat(),
        "target_time": forecast.target_time.isoformat(),
        "p_up": forecast.p_up,
        "direction": forecast.direction,
        "model_id": forecast.model.id,
    }
