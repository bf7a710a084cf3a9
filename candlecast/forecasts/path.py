"""From candles to a forecast: the one path that serving, scoring and parity checks walk."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.features.market import MarketReturns
from candlecast.features.newest import NewestColumns
from candlecast.features.table import WARM_UP_CANDLES, features_digest
from candlecast.features.targets import MAX_HORIZON_CANDLES
from candlecast.forecasts.bands import Band, bands_of
from candlecast.forecasts.scores import RECENT_CANDLES, ScoreBook, Width
from candlecast.forecasts.values import ForecastValues
from candlecast.market.calendars import target_time
from candlecast.market.series import CandleArrays, arrays_of
from candlecast.market.symbols import Symbol
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.intervals import CONFORMAL_CANDLES
from candlecast.schemas import Direction, Driver
from candlecast.sentiment.aggregate import Stories

HISTORY_CANDLES = WARM_UP_CANDLES + CONFORMAL_CANDLES + RECENT_CANDLES + MAX_HORIZON_CANDLES
N_DRIVERS = 6


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the symbol's own candles; what is not known is a missing value, never 0.

    Parameters
    ----------
    news : Stories or None
        Dated stories of the symbol, at least those of the `NEWS_DAYS` before the forecast; later ones
        do not count. A model without news ignores them.
    market : MarketReturns or None
        What the model's symbols of the same asset class did, at least in the `MARKET_WINDOW_CANDLES`
        before; later closes do not count.
    """

    news: Stories | None = None
    market: MarketReturns | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What a model needs of one symbol to forecast it.

    Parameters
    ----------
    symbol : Symbol
        Who is forecast.
    as_of : datetime
        Close of its newest candle, aware UTC.
    last_close : float
        That close.
    row : ndarray of shape (n_features,)
        Features at it.
    spans : ndarray of shape (model.n_spans,)
        What its intervals are made of.
    width : Width
        How wide to look.
    """

    symbol: Symbol
    as_of: datetime
    last_close: float
    row: Array
    spans: Array
    width: Width


def make_forecast(
    candles: pd.DataFrame,
    *,
    model: DirectionModel,
    symbol: Symbol,
    as_of: datetime,
    made_at: datetime,
    context: Context | None = None,
) -> ForecastValues:
    """Forecast one symbol from its history alone: what `BatchMaker` says of many at once.

    Parameters
    ----------
    candles : DataFrame
        Candles frame, ascending; the last `HISTORY_CANDLES` count, later closes than `as_of` do not.
    model : DirectionModel
        A trained model of the same timeframe.
    symbol : Symbol
        Whose candles these are.
    as_of : datetime
        Newest time that may be known, aware UTC.
    made_at : datetime
        When this forecast is made, aware UTC.
    context : Context, optional
        News and market.

    Raises
    ------
    InsufficientHistoryError
        With fewer than `WARM_UP_CANDLES` candles closed by `as_of`.
    """
    context = context or Context()
    known = candles[candles["close_time"] <= as_of].iloc[-HISTORY_CANDLES:]
    require_history(len(known), symbol=symbol, timeframe=model.facts.timeframe, as_of=as_of)
    news = [context.news or Stories.none()] if model.facts.takes_news else None
    rows = newest_columns([arrays_of(known)]).rows([0], market=context.market, news=news)
    book = ScoreBook(model)
    book.start(symbol, known, epoch=0)
    view = View(
        symbol=symbol,
        as_of=known["close_time"].iloc[-1].to_pydatetime(),
        last_close=float(known["close"].iloc[-1]),
        row=rows[0],
        spans=model.spans(rows)[0],
        width=book.width(symbol.name),
    )
    return forecast_views([view], model=model, made_at=made_at)[0]


def require_history(n_candles: int, *, symbol: Symbol, timeframe: str, as_of: datetime) -> None:
    """Raise `InsufficientHistoryError` where `n_candles` are too few to forecast from."""
    if n_candles < WARM_UP_CANDLES:
        raise InsufficientHistoryError(
            f"{symbol.name} has {n_candles} candles of {timeframe} closed by {as_of.isoformat()}, "
            f"a forecast needs {WARM_UP_CANDLES}: wait or backfill"
        )


def newest_columns(candles: Sequence[CandleArrays]) -> NewestColumns:
    """Return what the last candle of each symbol says; of each the last `WARM_UP_CANDLES` are read."""
    last = [one.newest(WARM_UP_CANDLES) for one in candles]
    return NewestColumns.of(
        np.stack([one.values for one in last], axis=1),
        open_us=np.array([one.open_us[-1] for one in last], dtype=np.int64),
        close_us=np.array([one.close_us[-1] for one in last], dtype=np.int64),
    )


def forecast_views(
    views: Sequence[View], *, model: DirectionModel, made_at: datetime, explained: bool = True
) -> list[ForecastValues]:
    """Forecast many symbols with one call of the model.

    Parameters
    ----------
    views : sequence of View
        At least one.
    model : DirectionModel
        Who forecasts.
    made_at : datetime
        When, aware UTC.
    explained : bool
        Whether to say what pushed each forecast, which takes longer than all else.
    """
    block = np.vstack([view.row for view in views])
    odds, strange = model.p_up(block), model.novelty.shares(block) > model.novelty.limit
    bands = bands_of(np.vstack([view.spans for view in views]), [view.width.reach for view in views])
    pushes = model.contributions(block) if explained else np.zeros((len(views), 0))
    return [
        _values(
            view,
            model=model,
            made_at=made_at,
            call=_call(p, view, model=model, strange=unlike),
            band=band,
            drivers=_drivers(view.row, push, model=model),
        )
        for view, p, unlike, band, push in zip(views, odds.tolist(), strange.tolist(), bands, pushes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Call:
    p_up: float
    side: Direction
    reason: str | None


def _values(
    view: View, *, model: DirectionModel, made_at: datetime, call: _Call, band: Band, drivers: tuple[Driver, ...]
) -> ForecastValues:
    facts, symbol = model.facts, view.symbol
    return ForecastValues(
        symbol=symbol.name,
        timeframe=facts.timeframe,
        horizon=facts.horizon,
        made_at=made_at,
        as_of=view.as_of,
        target_time=due_time(view.as_of, facts.timeframe, facts.horizon, symbol.calendar),
        last_close=view.last_close,
        p_up=call.p_up,
        direction=call.side,
        abstain_reason=call.reason,
        expected_log_return=(2.0 * call.p_up - 1.0) * band.move,
        expected_volatility=band.move,
        intervals=band.intervals(view.last_close),
        drivers=drivers,
        features_digest=features_digest(view.row),
        coverage_recent=view.width.coverage_recent,
    )


@lru_cache(maxsize=4_096)
def due_time(as_of: datetime, timeframe: str, horizon: int, calendar: str) -> datetime:
    """Return the close `horizon` candles after `as_of`; see `target_time`. Many symbols share one."""
    return target_time(as_of, timeframe=timeframe, horizon=horizon, calendar=calendar)


def _call(p_up: float, view: View, *, model: DirectionModel, strange: bool) -> _Call:
    threshold = model.calibration.abstain_below
    if strange and (unlike := model.novelty.objection(view.row, names=model.facts.feature_names)) is not None:
        return _Call(p_up, "abstain", unlike)
    if abs(p_up - 0.5) < threshold:
        why = f"P(up) {p_up:.3f} is within {threshold:.3f} of one half, where past calls did not beat a coin"
        return _Call(p_up, "abstain", why)
    return _Call(p_up, "up" if p_up > 0.5 else "down", None)


def _drivers(row: Array, pushes: Array, *, model: DirectionModel) -> tuple[Driver, ...]:
    names = model.facts.feature_names
    strongest = np.argsort(-np.abs(pushes), kind="stable")[:N_DRIVERS].tolist()
    values, strengths = row[strongest].tolist(), pushes[strongest].tolist()
    return tuple(
        Driver(feature=names[i], value=value if math.isfinite(value) else None, contribution=push)
        for i, value, push in zip(strongest, values, strengths, strict=True)
    )
