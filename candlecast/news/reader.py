"""Answers what the news say: a summary of a symbol's sentiment, and pages of stories, as of the market time."""

import asyncio
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.calendars import to_microseconds
from candlecast.market.symbols import Symbol
from candlecast.queries import NewsFilter
from candlecast.schemas import Engine, NewsPage, NewsSource, SentimentPoint, SentimentSummary
from candlecast.sentiment.aggregate import BASELINE_S, HALF_LIVES, Stories, aggregate
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.news_pages import NewsQuery
from candlecast.storage.postgres.sentiment import SentimentStore

_UNITS_S = {"h": 3_600, "d": 86_400}
_LATELY, _MOST_SOURCES = timedelta(days=30), 200
_SHORTEST_S, _LONGEST_S = 3_600, 30 * 86_400
_WINDOW = re.compile(r"([0-9]{1,3})([hd])")
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")


class NewsReader:
    """Reads stories and what they add up to; nothing known after the market time is ever answered.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    clock : Clock
        Market time.
    database : Database
        Where stories and scores lie.
    engine : str
        Whose scores are shown.
    """

    def __init__(
        self, *, symbols: Mapping[str, tuple[Symbol, int]], clock: Clock, database: Database, engine: Engine
    ) -> None:
        self._symbols = symbols
        self._clock = clock
        self._stories = NewsStore(database)
        self._scores = SentimentStore(database)
        self._engine: Engine = engine

    async def summary(self, symbol: str, window: str, *, history: int = 0) -> SentimentSummary:
        """Return what the news of the last `window` say about `symbol`.

        Parameters
        ----------
        symbol : str
            A followed symbol.
        window : str
            Whole hours or days, ``1h`` to ``30d``. A story loses half its weight in a quarter of it.
        history : int
            Moments, a quarter of the window apart and ending now, of which the score is told too.

        Returns
        -------
        SentimentSummary
            None stands for what no story says. `version` is empty while no story is scored.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the symbol is not followed or the window makes no sense.
        StorageError
            When the database does not answer.
        """
        return await asyncio.to_thread(self._summary, self._symbol_id(symbol), symbol, window, history)

    async def page(self, wanted: NewsFilter) -> NewsPage:
        """Return one page of stories, the newest first; `next_cursor` is None on the last one.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the symbol is not followed or the cursor is none.
        StorageError
            When the database does not answer.
        """
        symbol_id = None if wanted.symbol is None else self._symbol_id(wanted.symbol)
        return await asyncio.to_thread(self._page, symbol_id, wanted, _after(wanted.cursor))

    async def sources(self) -> list[NewsSource]:
        """Return the outlets that told a story in the last 30 days, the busiest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        now = self._clock.now()
        return await asyncio.to_thread(self._stories.sources, now - _LATELY, now, limit=_MOST_SOURCES)

    def _summary(self, symbol_id: int, symbol: str, window: str, n_moments: int) -> SentimentSummary:
        window_s, now = window_seconds(window), self._clock.now()
        version = self._scores.newest_version(self._engine) or ""
        step = timedelta(seconds=window_s / HALF_LIVES)
        before = [now - place * step for place in reversed(range(n_moments))]
        since = now - timedelta(seconds=2 * window_s + BASELINE_S) - n_moments * step
        stories = Stories.of(self._stories.history([symbol_id], since, now, self._engine, version))
        moments = to_microseconds(pd.DatetimeIndex([now, now - timedelta(seconds=window_s), *before]))
        found = aggregate(stories, moments, window_s=window_s)
        return SentimentSummary(
            symbol=symbol,
            window=window,
            as_of=now,
            engine=self._engine,
            version=version,
            score=_known(found.score[0]),
            n=int(found.count[0]),
            dispersion=_known(found.dispersion[0]),
            negative_share=_known(found.negative_share[0]),
            surprise=_known(found.surprise[0]),
            trend=_known(found.score[0] - found.score[1]),
            history=[
                SentimentPoint(at=at, score=_known(score), n=int(count))
                for at, score, count in zip(before, found.score[2:], found.count[2:], strict=True)
            ],
        )

    def _page(self, symbol_id: int | None, wanted: NewsFilter, after: tuple[datetime, int] | None) -> NewsPage:
        query = NewsQuery(
            until=self._clock.now(),
            engine=self._engine,
            version=self._scores.newest_version(self._engine),
            symbol_id=symbol_id,
            source=wanted.source,
            min_score=wanted.min_score,
            max_score=wanted.max_score,
            label=wanted.label,
            text=wanted.text,
            after=after,
            # one more than wanted tells that there is a next page
            limit=wanted.limit + 1,
        )
        found = self._stories.page(query)
        items = found[: wanted.limit]
        cursor = _cursor(items[-1].known_at, items[-1].id) if len(found) > wanted.limit else None
        return NewsPage(items=items, next_cursor=cursor)

    def _symbol_id(self, symbol: str) -> int:
        if symbol not in self._symbols:
            raise UnknownSymbolError(symbol, self._symbols)
        return self._symbols[symbol][1]


def window_seconds(window: str) -> int:
    """Return the length of a window such as ``24h`` or ``7d`` in seconds.

    Raises
    ------
    InvalidRequestError
        When it is not whole hours or days from ``1h`` to ``30d``.
    """
    match = _WINDOW.fullmatch(window)
    length_s = int(match[1]) * _UNITS_S[match[2]] if match else 0
    if not _SHORTEST_S <= length_s <= _LONGEST_S:
        raise InvalidRequestError(f"window must be 1h to 30d, as 24h or 7d, was {window[:20]!r}")
    return length_s


def _cursor(known_at: datetime, number: int) -> str:
    return f"{to_microseconds(pd.DatetimeIndex([known_at]))[0]}-{number}"


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidRequestError(f"cursor {cursor[:40]!r} is not a cursor; take next_cursor of the page before")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(match[1])), int(match[2])


def _known(value: np.float64) -> float | None:
    return None if math.isnan(value) else float(value)
