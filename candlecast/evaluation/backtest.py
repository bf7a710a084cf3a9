"""What would following the forecasts have made of a capital, beside holding the same symbols?

Each symbol gets an equal part of the capital and is traded with it by itself (see
`candlecast.evaluation.execution`); nothing moves between the parts. Holding buys every symbol at the
first open at which a forecast could be filled and sells where the last position is left, at the same costs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.execution import Orders, SymbolRun, follow, place_orders
from candlecast.evaluation.metrics import wilson_interval
from candlecast.evaluation.performance import MIN_DAYS_A_YEAR, drawdown, performance
from candlecast.evaluation.report import rounded
from candlecast.evaluation.sizing import TradingRules, weights

MAX_CURVE_POINTS = 400
_DAYS_A_YEAR = 365.25
_YEAR_S = _DAYS_A_YEAR * 86_400.0


@dataclass(frozen=True, slots=True)
class _Part:
    symbol: str
    run: SymbolRun
    hold: SymbolRun
    n_forecasts: int
    n_filled: int


def backtest(
    panel: Mapping[str, pd.DataFrame], forecasts: pd.DataFrame, *, rules: TradingRules, timeframe: str
) -> dict[str, Any]:
    """Follow the forecasts of every symbol and tell what came of it, ready for JSON.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending, closed candles only.
    forecasts : DataFrame
        Rows with `symbol`, `close_time` (of the newest candle that was known), `made_at`,
        `target_time`, `p_up` (NaN: takes no side) and `sigma` (expected scale of the log return over
        the horizon). Symbols that are not in `panel` are left out.
    rules : TradingRules
        How forecasts become positions, and what trading costs.
    timeframe : str
        Length of a candle.

    Returns
    -------
    dict
        `rules`, `start`, `end`, `symbols`, `n_forecasts`, `n_filled` (those that came in time for an
        open before their target), `strategy` and `hold` (figures of the whole capital), `by_symbol`
        (figures of each part), `equity` (`time`, `strategy`, `hold` and how far each fell below its
        highest value, `strategy_drawdown_pct` and `hold_drawdown_pct`; thinned). What is undefined is None.

    Raises
    ------
    InsufficientHistoryError
        When no forecast could be filled.
    """
    grouped = {str(name): part for name, part in forecasts.groupby("symbol", sort=True) if name in panel}
    found = [
        _traded(name, panel[name], part, rules=rules, timeframe=timeframe)
        for name, part in grouped.items()
        if len(panel[name])
    ]
    parts = [part for part in found if part is not None]
    if not parts:
        raise InsufficientHistoryError(
            f"none of {len(forecasts)} forecasts has a candle that opened after it and before its target: "
            "wait for newer candles, or look at another span"
        )
    span_s = _span_s(forecasts)
    strategy, hold = (_joined([getattr(part, kind) for part in parts]) for kind in ("run", "hold"))
    report = {
        "rules": asdict(rules),
        "start": strategy.index[0].isoformat(),
        "end": strategy.index[-1].isoformat(),
        "symbols": [part.symbol for part in parts],
        "n_forecasts": sum(part.n_forecasts for part in parts),
        "n_filled": sum(part.n_filled for part in parts),
        "strategy": _figures(strategy, [part.run for part in parts], rules=rules, span_s=span_s),
        "hold": _figures(hold, [part.hold for part in parts], rules=rules, span_s=span_s),
        "by_symbol": [
            {
                "symbol": part.symbol,
                "strategy": _figures(part.run.equity, [part.run], rules=rules, span_s=span_s),
                "hold": _figures(part.hold.equity, [part.hold], rules=rules, span_s=span_s),
            }
            for part in parts
        ],
        "equity": _curve(strategy, hold),
    }
    cleaned: dict[str, Any] = rounded(report)
    return cleaned


def _traded(
    name: str, candles: pd.DataFrame, forecasts: pd.DataFrame, *, rules: TradingRules, timeframe: str
) -> _Part | None:
    p_up, sigma = (forecasts[column].to_numpy(dtype=np.float64) for column in ("p_up", "sigma"))
    years = (candles["close_time"].iloc[-1] - candles["open_time"].iloc[0]).total_seconds() / _YEAR_S
    n_steps = _steps(candles, forecasts)
    wanted = weights(p_up, sigma, rules=rules, horizons_per_year=len(candles) / years / n_steps)
    orders = place_orders(candles, forecasts, wanted, timeframe=timeframe)
    if not len(orders.enter):
        return None
    first, last = int(orders.enter[0]), int(orders.leave.max())
    span = candles.iloc[first : last + 1]
    moved = Orders(orders.enter - first, orders.leave - first, orders.weight)
    held = Orders(np.array([0]), np.array([last - first]), np.array([1.0]))
    run, hold = (follow(span, each, cost_share=rules.cost_share, band=rules.rebalance_band) for each in (moved, held))
    return _Part(name, run, hold, len(forecasts), len(orders.enter))


def _steps(candles: pd.DataFrame, forecasts: pd.DataFrame) -> float:
    # candles from one forecast to its target; nights and weekends hold none
    closes = pd.DatetimeIndex(candles["close_time"])
    since, until = (closes.searchsorted(pd.DatetimeIndex(forecasts[name])) for name in ("close_time", "target_time"))
    return max(1.0, float(np.median(until - since)))


def _joined(runs: Sequence[SymbolRun]) -> "pd.Series[float]":
    # a part that has not begun, or has ended, is cash
    frame = pd.concat([run.equity for run in runs], axis=1, sort=True)
    joined: pd.Series[float] = frame.ffill().fillna(1.0).mean(axis=1)
    return joined


def _figures(
    equity: "pd.Series[float]", runs: Sequence[SymbolRun], *, rules: TradingRules, span_s: float
) -> dict[str, Any]:
    found = performance(equity, target_span_s=span_s)
    years = (equity.index[-1] - equity.index[0]).total_seconds() / _YEAR_S
    long_enough = years * _DAYS_A_YEAR >= MIN_DAYS_A_YEAR
    trips, weight = (np.concatenate([getattr(run, name) for run in runs]) for name in ("trips", "weight"))
    hits, traded = int((trips > 0.0).sum()), sum(run.traded for run in runs) / len(runs)
    hit_low, hit_high = wilson_interval(hits, len(trips)) if len(trips) else (math.nan, math.nan)
    low, high = found.sharpe_bounds
    plain = {name: value for name, value in asdict(found).items() if name != "sharpe_bounds"}
    return plain | {
        "sharpe_low": low,
        "sharpe_high": high,
        "n_trades": len(trips),
        "hit_rate": hits / len(trips) if len(trips) else math.nan,
        "hit_rate_low": hit_low,
        "hit_rate_high": hit_high,
        "exposure": float((weight != 0.0).mean()),
        "mean_weight": float(np.abs(weight).mean()),
        "turnover_per_year": traded / years if long_enough else math.nan,
        "fees_pct": traded * rules.fee_bps / 100.0,
        "slippage_pct": traded * rules.slippage_bps / 100.0,
    }


def _curve(strategy: "pd.Series[float]", hold: "pd.Series[float]") -> list[dict[str, Any]]:
    both = pd.DataFrame({"strategy": strategy, "hold": hold}).ffill()
    step = max(1, math.ceil(len(both) / MAX_CURVE_POINTS))
    bins = np.arange(len(both)) // step
    # each point is the last value of its stretch, beside the deepest fall in it
    values = both.groupby(bins).last()
    falls = 100.0 * both.apply(drawdown).groupby(bins).max().add_suffix("_drawdown_pct")
    times = both.index.to_series().groupby(bins).last()
    points = pd.concat([values, falls], axis=1).to_dict("records")
    return [
        {"time": time.isoformat()} | {str(name): value for name, value in point.items()}
        for time, point in zip(times, points, strict=True)
    ]


def _span_s(forecasts: pd.DataFrame) -> float:
    reach = pd.DatetimeIndex(forecasts["target_time"]) - pd.DatetimeIndex(forecasts["close_time"])
    return float(np.quantile(reach.total_seconds(), 0.9))
