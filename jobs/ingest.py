"""Follows every symbol: asks for each candle as it closes, for ever. ``python -m jobs.ingest``."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

import ray
import structlog
import typer

from candlecast.bootstrap import open_cache, open_market
from candlecast.errors import SourceError, SourceRateLimitedError, StorageError
from candlecast.market.calendars import target_time
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.settings import Settings
from cluster.connect import connect
from cluster.resources import INGEST_ACTOR
from jobs.entry import load_settings, run_command, with_market
from jobs.loading import Loaded, Loader

SYMBOLS_PER_ACTOR = 40

_MIN_WAIT_S = 0.5
_MAX_WAIT_S = 30.0

log = structlog.get_logger(__name__)
app = typer.Typer(add_completion=False)


@app.command()
def ingest(
    symbols: Annotated[str, typer.Option(help="comma-separated; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
) -> None:
    """Store every candle soon after its close, until stopped.

    Example: python -m jobs.ingest --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    settings = with_market(load_settings(), symbols=symbols, timeframe=timeframe)
    connect(settings.cluster)
    followed = open_market(settings).symbols
    shards = [followed[first : first + SYMBOLS_PER_ACTOR] for first in range(0, len(followed), SYMBOLS_PER_ACTOR)]
    actors = [IngestActor.options(**INGEST_ACTOR).remote(settings, shard) for shard in shards]
    ray.get([actor.run.remote() for actor in actors])


@ray.remote
class IngestActor:
    """Follows the symbols of one shard, each in a task of its own.

    Parameters
    ----------
    settings : Settings
        Database, cache, venues and the followed timeframe.
    symbols : tuple of Symbol
        The shard.
    """

    def __init__(self, settings: Settings, symbols: tuple[Symbol, ...]) -> None:
        self._symbols = symbols
        self._loader = Loader(settings)
        self._cache = open_cache(settings)

    async def run(self) -> None:
        """Follow all symbols of the shard; returns only by an error."""
        async with asyncio.TaskGroup() as group:
            for symbol in self._symbols:
                group.create_task(self._follow(symbol))

    async def _follow(self, symbol: Symbol) -> None:
        newest: datetime | None = None
        while True:
            try:
                loaded = await self._loader.load_async(symbol)
                if loaded.n_stored:
                    await self._announce(loaded)
                newest = loaded.newest_close or newest
                await asyncio.sleep(self._wait_s(symbol, newest))
            except SourceRateLimitedError as error:
                log.warning("venue asks to wait", symbol=symbol.name, retry_after_s=error.retry_after_s)
                await asyncio.sleep(error.retry_after_s)
            except (SourceError, StorageError) as error:
                log.warning("candle not loaded, trying again", symbol=symbol.name, error=str(error))
                await asyncio.sleep(self._retry_s())

    async def _announce(self, loaded: Loaded) -> None:
        timeframe = self._loader.market.settings.timeframe
        event = {"symbol": loaded.symbol, "timeframe": timeframe, "close_time": str(loaded.newest_close)}
        await self._cache.publish("candles", event)
        log.info("candles stored", **event, n=loaded.n_stored)

    def _wait_s(self, symbol: Symbol, newest: datetime | None) -> float:
        # until the next close; when that is overdue (an outage) ask again every sixtieth of a candle
        if newest is None:
            return self._retry_s()
        timeframe, clock = self._loader.market.settings.timeframe, self._loader.market.clock
        due = target_time(newest, timeframe=timeframe, horizon=1, calendar=symbol.calendar)
        if due <= clock.now():
            return self._retry_s()
        return min(_MAX_WAIT_S, clock.wall_s_until(due) + 0.05)

    def _retry_s(self) -> float:
        timeframe, clock = self._loader.market.settings.timeframe, self._loader.market.clock
        share = timedelta(seconds=timeframe_s(timeframe) / 60)
        return min(_MAX_WAIT_S, max(_MIN_WAIT_S, clock.wall_s_until(clock.now() + share)))


if __name__ == "__main__":
    run_command(app)
