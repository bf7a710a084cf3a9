"""How are the candles of a long span fetched? Page by page, by our own count: no row is lost between two pages."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from candlecast.market.venues.dialects.dialect import Rows

ROW_FIELDS = 6
# Open in milliseconds since 1970, open, high, low, close, volume.
Table = NDArray[np.float64]
Paging = Literal["parallel", "sequential", "single"]
FetchSpan = Callable[[int, int], Awaitable[Table]]


def read_table(rows: Rows) -> Table:
    """Return rows of texts or numbers as a table of shape (n, 6); further fields are left out.

    Raises
    ------
    TypeError, ValueError, LookupError
        When a row is short, holds something else than numbers, or opens at no time.
    """
    if rows and min(map(len, rows)) < ROW_FIELDS:
        raise ValueError(f"a row has fewer than {ROW_FIELDS} fields")
    # Twice as fast as np.array of the rows.
    figures = list(map(float, chain.from_iterable(row[:ROW_FIELDS] for row in rows)))
    table = np.array(figures, dtype=np.float64).reshape(-1, ROW_FIELDS)
    if not np.isfinite(table[:, 0]).all():
        raise ValueError("a row opens at no time")
    return table


async def fetch_span(
    fetch: FetchSpan, *, first_ms: int, end_ms: int, step_ms: int, page_candles: int, paging: Paging
) -> Table:
    """Return the candles that open in ``[first_ms, end_ms)``, in the order in which they were answered.

    Parameters
    ----------
    fetch : callable
        Fetches one page, from its first moment to before its last; milliseconds since 1970.
    first_ms, end_ms : int
        The span.
    step_ms : int
        From one candle to the next.
    page_candles : int
        Candles of a page.
    paging : str
        See `Dialect`.
    """
    if first_ms >= end_ms:
        return np.empty((0, ROW_FIELDS))
    page_ms = page_candles * step_ms
    if paging == "sequential":
        pages = await _one_after_another(fetch, range(first_ms, end_ms, step_ms), page_ms)
    elif paging == "single":
        pages = [await fetch(first_ms, end_ms)]
    else:
        pages = await _side_by_side(fetch, first_ms, end_ms, page_ms)
    table = np.concatenate(pages)
    return np.asarray(table[(table[:, 0] >= first_ms) & (table[:, 0] < end_ms)])


async def _side_by_side(fetch: FetchSpan, first_ms: int, end_ms: int, page_ms: int) -> list[Table]:
    calls = [
        asyncio.ensure_future(fetch(lower_ms, min(lower_ms + page_ms, end_ms)))
        for lower_ms in range(first_ms, end_ms, page_ms)
    ]
    try:
        return await asyncio.gather(*calls)
    finally:
        # After a failure the others are not worth their cost.
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


async def _one_after_another(fetch: FetchSpan, span: range, page_ms: int) -> list[Table]:
    pages, lower_ms = [], span.start
    while lower_ms < span.stop:
        page = await fetch(lower_ms, min(lower_ms + page_ms, span.stop))
        pages.append(page)
        newest_ms = int(page[:, 0].max(initial=-1))
        # A page without news is a hole in the data, or its end. Whatever it says, each leads on by a candle at least.
        lower_ms = max(newest_ms + 1, lower_ms + span.step) if newest_ms >= lower_ms else lower_ms + page_ms
    return pages
