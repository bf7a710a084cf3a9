"""What a backfill does in its workers: load chunks, then settle what no venue has."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from candlecast.bootstrap import open_ingestion
from candlecast.errors import InvalidRequestError, SourceError
from candlecast.ingest.loader import Span, load_spans
from candlecast.ingest.progress import Progress
from candlecast.ingest.review import Reviewer
from candlecast.ingest.services import IngestServices
from candlecast.ingest.writer import CandleWriter
from candlecast.market.gaps import group_holes
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.settings import Settings
from jobs.chunks import Chunk
from jobs.survey import find_missing

_AT_A_TIME = 3
# holes so near to each other are asked for together
_REQUEST_CANDLES = 1_000
_LOCK_TTL_S = 60.0
_LOCK_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """What came of a chunk.

    Parameters
    ----------
    symbol : str
        Whose.
    n_candles : int
        How many were missing when it was planned.
    n_stored, n_rejected : int
        Candles that are new, and rows that went to the quarantine.
    error : str
        Why it could not be loaded, "" when it could.
    """

    symbol: str
    n_candles: int
    n_stored: int = 0
    n_rejected: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many candles are still missing: open to be asked for again, or known to be nowhere."""

    n_open: int
    n_outage: int


def load_chunks(settings: Settings, chunks: Sequence[Chunk]) -> Iterator[ChunkDone]:
    """Load `chunks`, a few at a time, and yield each as it is done.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    with asyncio.Runner() as runner:
        services = open_ingestion(settings)
        waiting, running = deque(chunks), set[asyncio.Task[ChunkDone]]()
        try:
            while waiting or running:
                while waiting and len(running) < _AT_A_TIME:
                    running.add(runner.get_loop().create_task(_load(services, waiting.popleft())))
                done = runner.run(_first_done(running))
                running -= done
                yield from (task.result() for task in done)
        finally:
            runner.run(services.close())


def settle(settings: Settings, symbols: Sequence[Symbol], span: Span) -> Settled:
    """Ask every venue for what is still missing of `symbols`, and note what none has.

    Raises
    ------
    StorageError
        When the database does not answer.
    """

    async def settle_all() -> Settled:
        services = open_ingestion(settings)
        try:
            for symbol in symbols:
                await _settle_one(services, symbol, span)
            return await asyncio.to_thread(_count, services, symbols, span)
        finally:
            await services.close()

    return asyncio.run(settle_all())


async def _first_done(tasks: "set[asyncio.Task[ChunkDone]]") -> "set[asyncio.Task[ChunkDone]]":
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done


async def _load(services: IngestServices, chunk: Chunk) -> ChunkDone:
    name = f"backfill:{services.timeframe}:{chunk.symbol.name}:{chunk.block}"
    while True:
        async with services.cache.lock(name, ttl_s=_LOCK_TTL_S) as ours:
            if ours:
                return await _load_missing(services, chunk)
        # another backfill is at it; what it leaves over is loaded then
        await asyncio.sleep(_LOCK_PAUSE_S)


async def _load_missing(services: IngestServices, chunk: Chunk) -> ChunkDone:
    symbol, timeframe = chunk.symbol, services.timeframe
    number = (await asyncio.to_thread(services.symbol_ids, [symbol]))[symbol]
    span = Span(chunk.start, chunk.end)
    missing = await asyncio.to_thread(find_missing, services.database, symbol, number, timeframe, span)
    reach = timedelta(seconds=_REQUEST_CANDLES * timeframe_s(timeframe))
    groups = group_holes(missing.holes, longest=reach)
    try:
        loaded = await load_spans(services, [(symbol, Span(group[0].start, group[-1].end)) for group in groups])
    except (SourceError, InvalidRequestError) as error:
        return ChunkDone(symbol.name, chunk.n_candles, error=str(error))
    n_stored, n_rejected = sum(item.n_stored for item in loaded), sum(item.n_rejected for item in loaded)
    return ChunkDone(symbol.name, chunk.n_candles, n_stored, n_rejected)


async def _settle_one(services: IngestServices, symbol: Symbol, span: Span) -> None:
    number = (await asyncio.to_thread(services.symbol_ids, [symbol]))[symbol]
    writer = CandleWriter(
        intake=services.new_intake({number: symbol}),
        clock=services.clock,
        timeframe=services.timeframe,
        calendar=symbol.calendar,
        on_taken=lambda _: None,
    )
    reviewer = Reviewer(services, writer=writer, live_since=services.clock.now())
    writing = asyncio.create_task(writer.run())
    try:
        wide = await asyncio.to_thread(services.gaps.widen, number, services.timeframe, span.start, span.end)
        await reviewer.fill(Progress(symbol, number, services.timeframe), wide)
    finally:
        writing.cancel()


def _count(services: IngestServices, symbols: Sequence[Symbol], span: Span) -> Settled:
    names, n_candles = {symbol.name for symbol in symbols}, {"open": 0, "outage": 0, "repaired": 0}
    for gap in services.gaps.list(services.timeframe):
        if gap.symbol in names and gap.hole.end > span.start and gap.hole.start < span.end:
            n_candles[gap.status] += gap.hole.n_candles
    return Settled(n_candles["open"], n_candles["outage"])
