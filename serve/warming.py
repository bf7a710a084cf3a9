"""Makes the forecasts of a new candle before anybody asks: those that were asked for lately."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import structlog
from ray.serve.handle import DeploymentHandle

from candlecast.forecasts.cached import CachedForecasts
from candlecast.schemas import ForecastResult
from candlecast.storage.cache import Cache, Series

# candles of many symbols close together: they shall be one call, and each shall see what the others did
_GATHER_S = 0.5

log = structlog.get_logger(__name__)


class ForecastWarmer:
    """Listens to stored candles and keeps the forecasts in demand ready.

    Only work is saved: whoever asks before, or while Redis is down, has the forecast made as ever.

    Parameters
    ----------
    cache : Cache
        Tells of stored candles.
    forecasts : CachedForecasts
        Knows what is in demand, and keeps what is made.
    forecaster : DeploymentHandle
        Makes forecasts.
    """

    def __init__(self, *, cache: Cache, forecasts: CachedForecasts, forecaster: DeploymentHandle) -> None:
        self._cache = cache
        self._forecasts = forecasts
        self._forecaster = forecaster
        self._due: set[Series] = set()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear())
            group.create_task(self._make())

    async def _hear(self) -> None:
        async for event in self._cache.events("candles"):
            self._due |= set(self._forecasts.in_demand(event["symbol"], event["timeframe"]))
            if self._due:
                self._wake.set()

    async def _make(self) -> NoReturn:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            self._wake.clear()
            due, self._due = sorted(self._due), set()
            try:
                await self._keep(due)
            except Exception:
                # readers still have each forecast made when they ask
                log.exception("forecasts not made ahead", n=len(due))

    async def _keep(self, due: Sequence[Series]) -> None:
        answers = [ForecastResult(**answer) for answer in await self._forecaster.forecasts.remote(due)]
        await self._forecasts.keep([answer.forecast for answer in answers if answer.forecast is not None])
