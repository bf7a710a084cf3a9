"""The page behind `/metrics`: what all parts tell, gathered at most every few seconds."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from candlecast.errors import StorageError
from candlecast.reading import Reading
from candlecast.stack_figures import StoredFigures
from candlecast.telemetry.meters import METERS
from candlecast.telemetry.pages import process_labels, process_page
from serve.metrics.data import CandleAges, FeedFigures, JobFigures
from serve.metrics.nodes import node_pages, nodes_text
from serve.metrics.record import RecordFigures
from serve.metrics.stores import CacheReads, StoreUse
from serve.metrics.text import join_pages

# it needs no key: however often it is asked for, the stores are not asked more often
LIFE_S = 2.0


class MetricsPage:
    """The newest page of one replica.

    Parameters
    ----------
    life_s : float
        Wall seconds for which a page is given out again.
    """

    def __init__(self, *, life_s: float = LIFE_S) -> None:
        self._life_s = life_s
        self._text = ""
        self._ends_s = 0.0
        self._making = asyncio.Lock()

    async def text(self, reading: Reading) -> str:
        """Return the page, made anew when it is too old."""
        async with self._making:
            if time.monotonic() >= self._ends_s:
                self._text = await _made(reading)
                self._ends_s = time.monotonic() + self._life_s
        return self._text


async def _made(reading: Reading) -> str:
    stored, ages, stores, processes, nodes = await asyncio.gather(
        asyncio.to_thread(_stored, reading), _ages(reading), _stores(reading), reading.stack.processes(), node_pages()
    )
    collectors = [*ages, *stores, StoreUse(await reading.stack.redis(), None if stored is None else stored.use)]
    if stored is not None:
        collectors += [RecordFigures(stored), JobFigures(stored.jobs)]
    # without Redis nobody hears of the other processes
    own = process_page([METERS], process_labels("api")) if processes is None else ""
    pages = [own, *(processes or {}).values()]
    return await asyncio.to_thread(_text, collectors, pages, nodes)


def _text(collectors: Sequence[Collector], pages: Sequence[str], nodes: Mapping[str, str | None]) -> str:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry).decode() + join_pages(pages) + nodes_text(nodes)


def _stored(reading: Reading) -> StoredFigures | None:
    try:
        return reading.stack.stored()
    except StorageError:
        return None


async def _ages(reading: Reading) -> list[Collector]:
    try:
        newest = await reading.reader.newest()
    except StorageError:
        return []
    now = reading.clock.now()
    return [CandleAges(newest, late=reading.reader.late(newest, now), now=now)]


async def _stores(reading: Reading) -> list[Collector]:
    states = None if reading.feeds is None else await reading.feeds.read()
    return [CacheReads(await reading.cache.read_totals()), FeedFigures(states or {})]
