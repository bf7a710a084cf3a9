"""Is every missing candle in exactly one chunk, and every chunk in exactly one task?"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.calendars import close_times, expected_open_times
from candlecast.market.gaps import find_holes
from candlecast.market.symbols import Symbol
from jobs.chunks import Chunk, plan_chunks, plan_tasks

PAIR, STOCK = Symbol.parse("BTC/USDT"), Symbol.parse("AAPL")
START = datetime(2023, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def holes_of(symbol: Symbol, *, n_hours: int, is_missing=lambda place: True):
    """Return the opens of the missing candles that closed in time, and their holes."""
    end = START + n_hours * HOUR
    grid = expected_open_times(START, end, timeframe="1h", calendar=symbol.calendar)
    closed = close_times(grid, timeframe="1h", calendar=symbol.calendar) <= end
    missing = np.array([is_missing(place) for place in range(len(grid))], dtype=bool)
    holes = find_holes(grid[~missing], start=START, end=end, timeframe="1h", calendar=symbol.calendar)
    return list(grid[missing & closed]), holes


@settings(max_examples=40, deadline=None)
@given(
    n_hours=st.integers(1, 400),
    chunk_candles=st.integers(1, 100),
    every=st.integers(1, 9),
    symbol=st.sampled_from([PAIR, STOCK]),
)
def test_plan_chunks_of_any_holes_covers_each_missing_candle_once(n_hours, chunk_candles, every, symbol):
    missing, holes = holes_of(symbol, n_hours=n_hours, is_missing=lambda place: place % every == 0)

    chunks = plan_chunks(symbol, holes, timeframe="1h", chunk_candles=chunk_candles)

    inside = [[opened for opened in missing if chunk.start <= opened < chunk.end] for chunk in chunks]
    assert [opened for chunk in inside for opened in chunk] == missing
    assert [len(chunk) for chunk in inside] == [chunk.n_candles for chunk in chunks]
    assert all(chunk.end - chunk.start <= chunk_candles * HOUR for chunk in chunks)


def test_plan_chunks_of_overlapping_backfills_meet_at_the_same_blocks():
    _, early = holes_of(PAIR, n_hours=300)
    _, late = holes_of(PAIR, n_hours=400, is_missing=lambda place: place >= 130)

    first = plan_chunks(PAIR, early, timeframe="1h", chunk_candles=100)
    second = plan_chunks(PAIR, late, timeframe="1h", chunk_candles=100)

    shared = {chunk.block for chunk in first} & {chunk.block for chunk in second}
    assert len(shared) >= 2
    for block in shared:
        [one], [other] = ([c for c in chunks if c.block == block] for chunks in (first, second))
        assert one.start < other.end
        assert other.start < one.end


def test_plan_chunks_of_nothing_missing_is_empty():
    assert plan_chunks(PAIR, [], timeframe="1h") == []


def make_chunk(n_candles: int) -> Chunk:
    return Chunk(PAIR, 0, START, START + n_candles * HOUR, n_candles)


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 10_000), max_size=60), n_tasks=st.integers(1, 16))
def test_plan_tasks_of_any_chunks_shares_each_out_once(sizes, n_tasks):
    tasks = plan_tasks([make_chunk(size) for size in sizes], n_tasks)

    assert sorted(chunk.n_candles for task in tasks for chunk in task) == sorted(sizes)
    assert len(tasks) == min(n_tasks, len(sizes))
    assert all(tasks)


@pytest.mark.parametrize(
    ("sizes", "n_tasks"), [([10_000] * 5, 4), ([8_760] * 136, 16), ([10_000] * 10 + [500] * 40, 8)]
)
def test_plan_tasks_of_few_long_or_many_short_ranges_is_even(sizes, n_tasks):
    loads = [
        sum(chunk.n_candles for chunk in task) for task in plan_tasks([make_chunk(size) for size in sizes], n_tasks)
    ]

    assert loads == sorted(loads, reverse=True)
    assert max(loads) - min(loads) <= max(sizes)
