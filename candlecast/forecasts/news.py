"""What had the news said when a forecast is made? News never stops a forecast: where it fails, that is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd
import structlog

from candlecast.errors import CandlecastError
from candlecast.features.sentiment import NEWS_DAYS
from candlecast.market.calendars import to_microseconds
from candlecast.models.direction import ModelFacts
from candlecast.schemas import Engine, SentimentState
from candlecast.sentiment.aggregate import Stories, aggregate
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.sentiment import SentimentStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewsView:
    """What the news of one symbol had said by a moment.

    Parameters
    ----------
    state : SentimentState
        For people: all stories of the last 24 h, undated ones too.
    stories : Stories
        For a model that takes news: dated stories, scored as those that it learned from.
    """

    state: SentimentState = field(default_factory=SentimentState)
    stories: Stories = field(default_factory=Stories.none)


class ForecastNews:
    """Reads what the news had said, never later than asked.

    Parameters
    ----------
    database : Database
        Where scored stories lie.
    engine : str
        Whose scores people see.
    """

    def __init__(self, database: Database, *, engine: Engine) -> None:
        self._stories = NewsStore(database)
        self._scores = SentimentStore(database)
        self._engine = engine
        self._said: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()

    def of(self, symbol_id: int, *, as_of: datetime, facts: ModelFacts) -> NewsView:
        """Return the news of one symbol as known at `as_of`, see `of_many`."""
        return self.of_many([symbol_id], as_of=as_of, facts=facts)[0]

    def of_many(self, symbol_ids: Sequence[int], *, as_of: datetime, facts: ModelFacts) -> list[NewsView]:
        """Return the news of each symbol as known at `as_of`; what cannot be read is left out and logged.

        Parameters
        ----------
        symbol_ids : sequence of int
            Numbers of the symbols.
        as_of : datetime
            Close of their newest candle, aware UTC.
        facts : ModelFacts
            Of the model that will forecast.
        """
        try:
            return self._read(symbol_ids, as_of=as_of, facts=facts)
        except CandlecastError as error:
            log.warning("forecast goes without news", symbol_ids=list(symbol_ids), reason=str(error))
            return [NewsView() for _ in symbol_ids]

    def _read(self, symbol_ids: Sequence[int], *, as_of: datetime, facts: ModelFacts) -> list[NewsView]:
        version = self._scores.newest_version(self._engine)
        current = (self._engine, version) if version is not None else ()
        frames = self._scored(symbol_ids, as_of, current)
        states = [_state(Stories.of(frame), as_of) if len(frame) else SentimentState() for frame in frames]
        if not facts.takes_news:
            return [NewsView(state) for state in states]
        if facts.scored_by != current:
            # Scores of another engine are another feature: those that the model knows, or none.
            self._say_once(facts.scored_by, current)
            frames = self._scored(symbol_ids, as_of, facts.scored_by)
        stories = [Stories.of(frame, dated_only=True) if len(frame) else Stories.none() for frame in frames]
        return [NewsView(state, told) for state, told in zip(states, stories, strict=True)]

    def _say_once(self, learned: tuple[str, ...], current: tuple[str, ...]) -> None:
        if (learned, current) not in self._said:
            self._said.add((learned, current))
            log.warning(
                "model learned from scores that are not made any more; train again", learned=learned, now=current
            )

    def _scored(self, symbol_ids: Sequence[int], as_of: datetime, scored_by: tuple[str, ...]) -> list[pd.DataFrame]:
        if not scored_by:
            return [pd.DataFrame() for _ in symbol_ids]
        since = as_of - timedelta(days=NEWS_DAYS)
        found = self._stories.history(list(symbol_ids), since, as_of, *scored_by)
        groups = dict(iter(found.groupby("symbol_id")))
        return [groups.get(number, found.iloc[:0]) for number in symbol_ids]


def _state(stories: Stories, as_of: datetime) -> SentimentState:
    found = aggregate(stories, to_microseconds(pd.DatetimeIndex([as_of])))
    n = int(found.count[0])
    return SentimentState(score=float(found.score[0]) if n else None, n=n, available=bool(found.known[0]))
