"""From candles to a forecast: the one path that serving, scoring and parity checks walk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.features.market import MarketReturns, market_returns
from candlecast.features.table import WARM_UP_CANDLES, build_features, features_digest
from candlecast.features.targets import MAX_HORIZON_CANDLES, build_targets
from candlecast.forecasts.values import ForecastValues
from candlecast.market.calendars import target_time
from candlecast.market.candles import Symbol
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.intervals import CONFORMAL_CANDLES, LEVELS, Reach, conformity, recent_reach, rolling_reach
from candlecast.schemas import Direction, Driver, Interval
from candlecast.sentiment.aggregate import Stories

RECENT_CANDLES = 500
HISTORY_CANDLES = WARM_UP_CANDLES + CONFORMAL_CANDLES + RECENT_CANDLES + MAX_HORIZON_CANDLES
N_DRIVERS = 6
_MIN_RECENT = 50


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
class _View:
    """What the model needs of one symbol: the newest feature row and how wide to look."""

    symbol: Symbol
    as_of: datetime
    last_close: float
    row: Array
    sigma: float
    reach: Reach
    coverage_recent: float | None


def make_forecast(
    candles: pd.DataFrame,
    *,
    model: DirectionModel,
    symbol: Symbol,
    as_of: datetime,
    made_at: datetime,
    context: Context | None = None,
) -> ForecastValues:
    """Forecast one symbol.

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
    view = _view(candles, model=model, symbol=symbol, as_of=as_of, context=context or Context())
    return _forecasts([view], model=model, made_at=made_at)[0]


def make_forecasts(
    panel: Mapping[str, pd.DataFrame],
    *,
    model: DirectionModel,
    as_of: datetime,
    made_at: datetime,
    news: Mapping[str, Stories] | None = None,
) -> dict[str, ForecastValues | InsufficientHistoryError]:
    """Forecast many symbols with one call of the model; see `make_forecast`.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol; those that the model learned from are the market.

    Returns
    -------
    dict
        In the order of `panel`: the forecast, or why there is none.
    """
    found: dict[str, ForecastValues | InsufficientHistoryError] = {}
    markets = market_returns({name: panel[name] for name in panel if name in model.facts.symbols})
    views = []
    for name, candles in panel.items():
        try:
            symbol = Symbol.parse(name)
            context = Context((news or {}).get(name), markets.get(symbol.asset_class))
            views.append(_view(candles, model=model, symbol=symbol, as_of=as_of, context=context))
        except InsufficientHistoryError as error:
            found[name] = error
    made = _forecasts(views, model=model, made_at=made_at) if views else []
    found |= {view.symbol.name: forecast for view, forecast in zip(views, made, strict=True)}
    return {name: found[Symbol.parse(name).name if name not in found else name] for name in panel}


def _view(
    candles: pd.DataFrame,
    *,
    model: DirectionModel,
    symbol: Symbol,
    as_of: datetime,
    context: Context,
) -> _View:
    known = candles[candles["close_time"] <= as_of].iloc[-HISTORY_CANDLES:]
    if len(known) < WARM_UP_CANDLES:
        raise InsufficientHistoryError(
            f"{symbol.name} has {len(known)} candles of {model.facts.timeframe} closed by {as_of.isoformat()}, "
            f"a forecast needs {WARM_UP_CANDLES}: wait or backfill"
        )
    stories = (context.news or Stories.none()) if model.facts.takes_news else None
    features = build_features(known, stories, context.market).to_numpy(dtype=np.float64)
    sigma = model.volatility.sigma(features)
    scores = _scores(known, sigma, model=model, symbol=symbol)
    return _View(
        symbol=symbol,
        as_of=known["close_time"].iloc[-1].to_pydatetime(),
        last_close=float(known["close"].iloc[-1]),
        row=features[-1],
        sigma=float(sigma[-1]),
        reach=recent_reach(scores, horizon=model.facts.horizon, fallback=model.reach),
        coverage_recent=_coverage_recent(scores, horizon=model.facts.horizon),
    )


def _scores(known: pd.DataFrame, sigma: Array, *, model: DirectionModel, symbol: Symbol) -> Array:
    facts = model.facts
    targets = build_targets(known, horizon=facts.horizon, timeframe=facts.timeframe, calendar=symbol.calendar)
    return conformity(targets["log_return"].to_numpy(dtype=np.float64), sigma)


def _coverage_recent(scores: Array, *, horizon: int) -> float | None:
    reach = rolling_reach(scores, horizon=horizon, level=0.80)
    graded = np.flatnonzero(np.isfinite(scores) & np.isfinite(reach))[-RECENT_CANDLES:]
    return float((scores[graded] <= reach[graded]).mean()) if len(graded) >= _MIN_RECENT else None


def _forecasts(views: list[_View], *, model: DirectionModel, made_at: datetime) -> list[ForecastValues]:
    block = np.vstack([view.row for view in views])
    odds, pushes = model.p_up(block), model.contributions(block)
    return [
        _values(view, model=model, made_at=made_at, p_up=float(p), drivers=_drivers(view.row, push, model=model))
        for view, p, push in zip(views, odds, pushes, strict=True)
    ]


def _values(
    view: _View, *, model: DirectionModel, made_at: datetime, p_up: float, drivers: tuple[Driver, ...]
) -> ForecastValues:
    facts, symbol = model.facts, view.symbol
    side, reason = _side(p_up, view, model=model)
    scale = view.sigma * view.reach.mean
    return ForecastValues(
        symbol=symbol.name,
        timeframe=facts.timeframe,
        horizon=facts.horizon,
        made_at=made_at,
        as_of=view.as_of,
        target_time=target_time(view.as_of, timeframe=facts.timeframe, horizon=facts.horizon, calendar=symbol.calendar),
        last_close=view.last_close,
        p_up=p_up,
        direction=side,
        abstain_reason=reason,
        expected_log_return=(2.0 * p_up - 1.0) * scale,
        expected_volatility=scale,
        intervals=_intervals(view),
        drivers=drivers,
        features_digest=features_digest(view.row),
        coverage_recent=view.coverage_recent,
    )


def _side(p_up: float, view: _View, *, model: DirectionModel) -> tuple[Direction, str | None]:
    threshold = model.calibration.abstain_below
    if (unlike := model.novelty.objection(view.row, names=model.facts.feature_names)) is not None:
        return "abstain", unlike
    if abs(p_up - 0.5) < threshold:
        why = f"P(up) {p_up:.3f} is within {threshold:.3f} of one half, where past calls did not beat a coin"
        return "abstain", why
    return ("up" if p_up > 0.5 else "down"), None


def _intervals(view: _View) -> tuple[Interval, ...]:
    halves = [(level, view.sigma * q) for level, q in zip(LEVELS, view.reach.quantiles, strict=True)]
    return tuple(
        Interval(level=level, low=view.last_close * np.exp(-half), high=view.last_close * np.exp(half))
        for level, half in halves
    )


def _drivers(row: Array, pushes: Array, *, model: DirectionModel) -> tuple[Driver, ...]:
    strongest = np.argsort(-np.abs(pushes), kind="stable")[:N_DRIVERS]
    return tuple(
        Driver(
            feature=model.facts.feature_names[i],
            value=float(row[i]) if np.isfinite(row[i]) else None,
            contribution=float(pushes[i]),
        )
        for i in strongest
    )
