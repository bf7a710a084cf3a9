"""What is a backfill made of? Missing ranges cut into chunks, chunks shared out among tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from candlecast.market.calendars import close_times, expected_open_times, to_microseconds
from candlecast.market.gaps import Hole
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s

CHUNK_CANDLES = 10_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Missing candles of one symbol within one block of the time axis.

    Parameters
    ----------
    symbol : Symbol
        Whose.
    block : int
        Number of the block, equal for every backfill, so that two of them meet at the same lock.
    start, end : datetime
        Open of the first missing candle, close of the last one.
    n_candles : int
        How many are missing.
    """

    symbol: Symbol
    block: int
    start: datetime
    end: datetime
    n_candles: int


def plan_chunks(
    symbol: Symbol, holes: Iterable[Hole], *, timeframe: str, chunk_candles: int = CHUNK_CANDLES
) -> list[Chunk]:
    """Cut `holes` at the edges of blocks and put together what lies in one block.

    Parameters
    ----------
    symbol : Symbol
        Whose holes.
    holes : iterable of Hole
        Ascending.
    timeframe : str
        One of ``TIMEFRAMES_S``.
    chunk_candles : int
        Length of a block in candles of a market that never closes.
    """
    spans = [expected_open_times(hole.start, hole.end, timeframe=timeframe, calendar=symbol.calendar) for hole in holes]
    if not spans:
        return []
    opens = spans[0].append(spans[1:])
    closes = close_times(opens, timeframe=timeframe, calendar=symbol.calendar)
    blocks = to_microseconds(opens) // (chunk_candles * timeframe_s(timeframe) * 1_000_000)
    numbers, firsts, counts = np.unique(blocks, return_index=True, return_counts=True)
    return [
        Chunk(symbol, number, opens[first].to_pydatetime(), closes[first + count - 1].to_pydatetime(), count)
        for number, first, count in zip(numbers.tolist(), firsts.tolist(), counts.tolist(), strict=True)
    ]


def plan_tasks(chunks: Sequence[Chunk], n_tasks: int) -> list[tuple[Chunk, ...]]:
    """Share `chunks` out among at most `n_tasks` tasks of about as many candles each.

    The largest chunk goes first, each to the task that has least; tasks are returned largest first.
    """
    tasks: list[list[Chunk]] = [[] for _ in range(min(n_tasks, len(chunks)))]
    loads = np.zeros(len(tasks), dtype=np.int64)
    for chunk in sorted(chunks, key=lambda chunk: -chunk.n_candles):
        least = int(loads.argmin())
        tasks[least].append(chunk)
        loads[least] += chunk.n_candles
    return [tuple(tasks[number]) for number in np.argsort(-loads, kind="stable").tolist()]
