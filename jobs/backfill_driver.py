"""How a backfill runs on the cluster: survey, plan, load, settle; each step in tasks of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import ray

from candlecast.bootstrap import Market
from candlecast.ingest.loader import Span
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.settings import Settings
from jobs.backfill_worker import ChunkDone, Settled
from jobs.chunks import Chunk, plan_chunks, plan_tasks
from jobs.meter import metered
from jobs.survey import Missing
from jobs.tasks import check_symbols, load_chunks, n_cpus, settle_symbols, survey_symbols

_TASKS_PER_CPU = 4
# a venue may show a candle a little after its close: what is younger is not called missing for good
_UNSETTLED_CANDLES = 2


@dataclass(frozen=True, slots=True)
class Filled:
    """What a backfill did.

    Parameters
    ----------
    chunks : tuple of ChunkDone
        All that was loaded, or could not be.
    settled : tuple of Settled
        What is still missing.
    """

    chunks: tuple[ChunkDone, ...]
    settled: tuple[Settled, ...]

    @property
    def failed(self) -> list[ChunkDone]:
        """The chunks that could not be loaded."""
        return [chunk for chunk in self.chunks if chunk.error]


def fill(settings: Settings, market: Market, span: Span, *, say: Callable[[str], None]) -> Filled:
    """Load what the followed symbols lack in `span`; nothing is written before all symbols are known to be traded.

    Parameters
    ----------
    settings : Settings
        For the tasks.
    market : Market
        Symbols and timeframe.
    span : Span
        What shall be whole.
    say : callable
        Receives the progress, line by line.

    Raises
    ------
    UnknownSymbolError
        When no venue trades one of the symbols.
    StorageError
        When the database does not answer.
    """
    timeframe = market.settings.timeframe
    found = _survey(settings, market.symbols, span)
    if new := [missing.symbol for missing in found if missing.is_new]:
        ray.get(check_symbols.remote(settings, new))
    chunks = [chunk for item in found for chunk in plan_chunks(item.symbol, item.holes, timeframe=timeframe)]
    done = _load(settings, chunks, say=say)
    settled_until = span.end - _UNSETTLED_CANDLES * timedelta(seconds=timeframe_s(timeframe))
    left = _symbols_left(chunks, done) if settled_until > span.start else []
    return Filled(tuple(done), tuple(_settle(settings, left, Span(span.start, settled_until))))


def _survey(settings: Settings, symbols: Sequence[Symbol], span: Span) -> list[Missing]:
    surveys = ray.get([survey_symbols.remote(settings, shard, span) for shard in _shards(symbols)])
    return [missing for survey in surveys for missing in survey]


def _load(settings: Settings, chunks: Sequence[Chunk], *, say: Callable[[str], None]) -> list[ChunkDone]:
    running = [load_chunks.remote(settings, task) for task in plan_tasks(chunks, _TASKS_PER_CPU * n_cpus())]
    done: list[ChunkDone] = []
    with metered("backfill", sum(chunk.n_candles for chunk in chunks), say=say) as advance:
        while running:
            [task, *_], _ = ray.wait(running, num_returns=1)
            try:
                done.append(ray.get(next(task)))
            except StopIteration:
                running.remove(task)
            else:
                advance(done[-1].n_candles)
    return done


def _symbols_left(chunks: Iterable[Chunk], done: Iterable[ChunkDone]) -> list[Symbol]:
    missing = Counter[Symbol]()
    for chunk in chunks:
        missing[chunk.symbol] += chunk.n_candles
    stored = Counter[str]()
    for item in done:
        stored[item.symbol] += item.n_stored
    return [symbol for symbol, n_candles in missing.items() if stored[symbol.name] < n_candles]


def _settle(settings: Settings, symbols: Sequence[Symbol], span: Span) -> list[Settled]:
    return list(ray.get([settle_symbols.remote(settings, shard, span) for shard in _shards(symbols)]))


def _shards(symbols: Sequence[Symbol]) -> list[Sequence[Symbol]]:
    return [shard for first in range(n_cpus()) if (shard := symbols[first :: n_cpus()])]
