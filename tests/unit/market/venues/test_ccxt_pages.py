import asyncio
import math

import numpy as np
import pytest

from candlecast.market.venues.broken import BROKEN_ANSWER
from candlecast.market.venues.ccxt_pages import fetch_span, read_table

STEP_MS, PAGE = 60_000, 10


class FakeHistory:
    """Candles at every step but those in `holes`; answers at most `at_most` of a page."""

    def __init__(self, *, holes=(), at_most=PAGE, fail_at=None):
        self.opens_ms = np.setdiff1d(np.arange(100), holes) * STEP_MS
        self.at_most, self.fail_at = at_most, fail_at
        self.calls, self.cancelled = [], 0

    async def fetch(self, lower_ms, upper_ms):
        self.calls.append((lower_ms, upper_ms))
        try:
            await asyncio.sleep(0)
            if self.fail_at == lower_ms:
                raise OSError("down")
            await asyncio.sleep(0 if self.fail_at is None else 60)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        opens = self.opens_ms[(self.opens_ms >= lower_ms) & (self.opens_ms < upper_ms)][: self.at_most]
        return np.column_stack([opens, *[np.ones(len(opens))] * 5])


def fetch(history, first_ms, end_ms, paging):
    span = fetch_span(
        history.fetch, first_ms=first_ms, end_ms=end_ms, step_ms=STEP_MS, page_candles=PAGE, paging=paging
    )
    return asyncio.run(span)[:, 0].tolist()


@pytest.mark.parametrize("paging", ["parallel", "sequential", "single"])
@pytest.mark.parametrize(("first", "end"), [(0, 100), (3, 57), (20, 30), (99, 100), (0, 150)])
def test_span_is_fetched_whole_by_any_paging(paging, first, end):
    history = FakeHistory(holes=range(31, 55), at_most=1_000)

    opens = fetch(history, first * STEP_MS, end * STEP_MS, paging)

    assert opens == [open_ms for open_ms in history.opens_ms if first * STEP_MS <= open_ms < end * STEP_MS]


def test_sequential_paging_loses_nothing_when_a_page_is_short():
    history = FakeHistory(holes=range(31, 55), at_most=3)

    assert fetch(history, 0, 100 * STEP_MS, "sequential") == history.opens_ms.tolist()


def test_sequential_paging_of_a_venue_that_creeps_ends():
    calls = []

    async def creep(lower_ms, upper_ms):
        calls.append(lower_ms)
        return np.array([[lower_ms, 1, 1, 1, 1, 1]], dtype=np.float64)

    asyncio.run(
        fetch_span(creep, first_ms=0, end_ms=30 * STEP_MS, step_ms=STEP_MS, page_candles=PAGE, paging="sequential")
    )

    assert len(calls) == 30


def test_parallel_pages_do_not_overlap_and_end_with_the_span():
    history = FakeHistory()

    fetch(history, 5 * STEP_MS, 28 * STEP_MS, "parallel")

    assert history.calls == [
        (5 * STEP_MS, 15 * STEP_MS),
        (15 * STEP_MS, 25 * STEP_MS),
        (25 * STEP_MS, 28 * STEP_MS),
    ]


def test_failed_page_stops_the_others():
    history = FakeHistory(fail_at=20 * STEP_MS)

    with pytest.raises(OSError, match="down"):
        fetch(history, 0, 100 * STEP_MS, "parallel")

    assert history.cancelled == 9


@pytest.mark.parametrize("paging", ["parallel", "sequential", "single"])
def test_empty_span_asks_nobody(paging):
    history = FakeHistory()

    assert fetch(history, STEP_MS, STEP_MS, paging) == []
    assert history.calls == []


def test_read_table_reads_texts_and_numbers_and_leaves_out_the_rest():
    table = read_table([[60_000, "1.5", "2", "1", "1.7", "3", 119_999, "x"], [120_000, 1.0, 2.0, 3.0, 4.0, math.nan]])

    assert table.shape == (2, 6)
    assert table[0].tolist() == [60_000.0, 1.5, 2.0, 1.0, 1.7, 3.0]
    assert math.isnan(table[1, 5])


@pytest.mark.parametrize(
    "rows",
    [
        [[1, "2"]],
        [[1, "2", "3", "4", "x", "6"]],
        [[1, 2, 3, 4, None, 6]],
        [5],
        [[math.nan, 1, 2, 3, 4, 5]],
        [["inf", 1, 2, 3, 4, 5]],
        [[1, 10**400, 2, 3, 4, 5]],
    ],
)
def test_read_table_of_broken_rows_is_refused(rows):
    with pytest.raises(BROKEN_ANSWER):
        read_table(rows)
