"""One actor that follows a share of the symbols: a shell around the shard, which does the work."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import ray

from candlecast.logs import configure_logs
from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from candlecast.telemetry.publishing import publish_metrics

# whoever waits for an answer goes first, where all of them work on the same candle
_NICENESS = 5


class Health(Protocol):
    """What a shard tells of itself."""

    symbols: tuple[str, ...]
    newest_close: dict[str, datetime]
    busy_s: float
    venues: dict[str, str]


class Shard(Protocol):
    """What follows the symbols that are assigned to it."""

    async def run(self) -> None:
        """Follow what is assigned until closed."""
        ...

    async def assign(self, symbols: Sequence[Symbol]) -> None:
        """Replace the symbols that are followed."""
        ...

    def health(self) -> Health:
        """Tell what is followed and since when nothing has moved."""
        ...

    async def close(self) -> None:
        """Finish what was begun and stop."""
        ...


class ShardMaker(Protocol):
    """Makes the shard inside the actor; a class or a function that can be imported there."""

    def __call__(self, settings: Settings) -> Shard:
        """Return a shard that follows nothing yet."""
        ...


def open_shard(settings: Settings) -> Shard:
    """Return the shard of the product; imported here, because the supervisor does not need what it imports."""
    from candlecast.bootstrap import open_ingestion
    from candlecast.ingest.shard import IngestShard

    return IngestShard(open_ingestion(settings))


@ray.remote
class IngestActor:
    """Follows the symbols that the supervisor assigns.

    Parameters
    ----------
    settings : Settings
        Database, cache, venues and the followed timeframe.
    make_shard : callable
        Makes the shard.
    symbols : tuple of Symbol
        What is followed at first.
    """

    async def __init__(self, settings: Settings, make_shard: ShardMaker, symbols: tuple[Symbol, ...]) -> None:
        configure_logs(settings, program="ingest", of_ray=True)
        publish_metrics(settings, program="ingest")
        os.nice(_NICENESS)
        self._shard = make_shard(settings)
        # not by a call of its own: Ray does not keep the order of calls of an actor that has an event loop
        await self._shard.assign(symbols)

    async def run(self) -> None:
        """Follow until closed; the supervisor learns by the end of this call that the actor is gone."""
        await self._shard.run()

    async def assign(self, symbols: tuple[Symbol, ...]) -> None:
        """Replace the symbols that are followed."""
        await self._shard.assign(symbols)

    async def health(self) -> tuple[int, Health]:
        """Answer, which shows that the event loop runs: the process id, and what the shard tells of itself."""
        return os.getpid(), self._shard.health()

    async def close(self) -> None:
        """Finish what was begun and stop."""
        await self._shard.close()
