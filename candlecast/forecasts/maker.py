"""Makes the forecasts of many symbols at once, each from its newest candle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.features.newest import NewestColumns
from candlecast.features.table import WARM_UP_CANDLES
from candlecast.features.targets import settled_log_return
from candlecast.forecasts.champions import Champion
from candlecast.forecasts.market import market_at
from candlecast.forecasts.news import ForecastNews, NewsView
from candlecast.forecasts.path import HISTORY_CANDLES, View, forecast_views, newest_columns
from candlecast.forecasts.scores import ScoreBook
from candlecast.forecasts.values import ForecastValues
from candlecast.forecasts.windows import SeriesWindows
from candlecast.market.series import CandleArrays, moment_of
from candlecast.market.symbols import Symbol
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.schemas import SentimentState
from candlecast.storage.postgres.candles import CandleStore

# further behind, going through the history again is the quicker way
MAX_STEPS = 64


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast that was made, the sentiment that people see with it, and where its last candle comes from."""

    values: ForecastValues
    sentiment: SentimentState
    source: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The newest candles of the symbols that are forecast together, and what they alone say.

    Parameters
    ----------
    names : tuple of str
        The symbols, m of them.
    candles : mapping of str to CandleArrays
        Of all followed symbols: the market is read from them too.
    columns : NewestColumns
        Of the m symbols.
    """

    names: tuple[str, ...]
    candles: Mapping[str, CandleArrays]
    columns: NewestColumns

    @classmethod
    def of(cls, names: Sequence[str], candles: Mapping[str, CandleArrays]) -> "Moment":
        """Compute the columns; each symbol must have `WARM_UP_CANDLES` candles."""
        return cls(tuple(names), candles, newest_columns([candles[name] for name in names]))


class BatchMaker:
    """Makes forecasts of one timeframe, by any model; for one thread at a time.

    The features of a forecast depend on stored candles alone. What its intervals need of the past is
    kept from candle to candle, per model, and made anew from PostgreSQL at any doubt.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    windows : SeriesWindows
        Their newest candles.
    candles : CandleStore
        Their histories.
    news : ForecastNews or None
        What the news had said; None: forecasts go without.
    """

    def __init__(
        self,
        *,
        symbols: Mapping[str, tuple[Symbol, int]],
        windows: SeriesWindows,
        candles: CandleStore,
        news: ForecastNews | None,
    ) -> None:
        self._symbols = symbols
        self._windows = windows
        self._candles = candles
        self._news = news
        self._books: dict[str, ScoreBook] = {}

    def keep_only(self, model_ids: Sequence[str]) -> None:
        """Forget what is kept for models other than these."""
        self._books = {model_id: book for model_id, book in self._books.items() if model_id in model_ids}

    def make(
        self, moment: Moment, names: Sequence[str], contender: Champion, *, made_at: datetime, explained: bool
    ) -> dict[str, Made]:
        """Forecast some symbols of `moment` by one model.

        Parameters
        ----------
        moment : Moment
            Where the market stands.
        names : sequence of str
            Which of its symbols, at least one.
        contender : Champion
            Who forecasts.
        made_at : datetime
            When, aware UTC.
        explained : bool
            Whether to say what pushed each forecast.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        model, places = contender.model, [moment.names.index(name) for name in names]
        book = self._books.setdefault(contender.id, ScoreBook(model))
        spans = model.spans(moment.columns.rows(places, market=None))
        self._catch_up(book, model, moment, dict(zip(names, spans, strict=True)))
        rows, told = self._rows(moment, places, model)
        views = [
            View(
                symbol=self._symbols[name][0],
                as_of=moment_of(int(moment.columns.close_us[place])),
                last_close=float(moment.candles[name].values[3, -1]),
                row=row,
                spans=expected,
                width=book.width(name),
            )
            for name, place, row, expected in zip(names, places, rows, spans, strict=True)
        ]
        made = forecast_views(views, model=model, made_at=made_at, explained=explained)
        return {
            name: Made(values, view.state, moment.candles[name].source)
            for name, values, view in zip(names, made, told, strict=True)
        }

    def _rows(self, moment: Moment, places: Sequence[int], model: DirectionModel) -> tuple[Array, list[NewsView]]:
        rows = np.empty((len(places), len(model.facts.feature_names)))
        told = [NewsView()] * len(places)
        groups: dict[tuple[str, int], list[int]] = {}
        for order, place in enumerate(places):
            asset_class = self._symbols[moment.names[place]][0].asset_class
            groups.setdefault((asset_class, int(moment.columns.close_us[place])), []).append(order)
        for (kind, close_us), members in groups.items():
            peers = [name for name in model.facts.symbols if self._is_of(name, kind)]
            views = self._told([moment.names[places[order]] for order in members], close_us, model)
            rows[members] = moment.columns.rows(
                [places[order] for order in members],
                market=market_at(close_us, moment.candles, names=peers),
                news=[view.stories for view in views] if model.facts.takes_news else None,
            )
            for order, view in zip(members, views, strict=True):
                told[order] = view
        return rows, told

    def _is_of(self, name: str, asset_class: str) -> bool:
        return name in self._symbols and self._symbols[name][0].asset_class == asset_class

    def _told(self, names: Sequence[str], close_us: int, model: DirectionModel) -> list[NewsView]:
        if self._news is None:
            return [NewsView()] * len(names)
        numbers = [self._symbols[name][1] for name in names]
        return self._news.of_many(numbers, as_of=moment_of(close_us), facts=model.facts)

    def _catch_up(self, book: ScoreBook, model: DirectionModel, moment: Moment, spans: Mapping[str, Array]) -> None:
        steps = {name: self._steps(book, name, moment.candles[name]) for name in spans}
        for step in range(max(steps.values()), 0, -1):
            late = [name for name, n in steps.items() if n >= step]
            ended = [moment.candles[name].without(step - 1) for name in late]
            known = np.vstack([spans[name] for name in late]) if step == 1 else _spans_of(ended, model)
            book.advance(
                late,
                close_us=np.array([one.close_us[-1] for one in ended], dtype=np.int64),
                spans=known,
                settled=self._settled(late, ended, model),
            )

    def _steps(self, book: ScoreBook, name: str, candles: CandleArrays) -> int:
        epoch = self._windows.epoch(name)
        stands_us = book.stands_at(name, epoch=epoch)
        if stands_us is not None:
            n = len(candles) - int(np.searchsorted(candles.close_us, stands_us, side="right"))
            if n <= min(MAX_STEPS, len(candles) - WARM_UP_CANDLES + 1):
                return n
        book.start(self._symbols[name][0], self._history(name, candles), epoch=epoch)
        return 0

    def _history(self, name: str, candles: CandleArrays) -> pd.DataFrame:
        until = moment_of(int(candles.close_us[-1]))
        return self._candles.read(self._symbols[name][1], self._windows.timeframe, until=until, limit=HISTORY_CANDLES)

    def _settled(self, names: Sequence[str], ended: Sequence[CandleArrays], model: DirectionModel) -> Array:
        facts = model.facts
        found = [
            settled_log_return(
                one, horizon=facts.horizon, timeframe=facts.timeframe, calendar=self._symbols[name][0].calendar
            )
            for name, one in zip(names, ended, strict=True)
        ]
        return np.array(found)


def _spans_of(ended: Sequence[CandleArrays], model: DirectionModel) -> Array:
    return model.spans(newest_columns(ended).rows(range(len(ended)), market=None))
