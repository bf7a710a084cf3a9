"""What is told of one recipe at one horizon: every figure, and the curves behind them, ready for JSON."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from candlecast.evaluation.bootstrap import DayBlocks
from candlecast.evaluation.edge import DEFAULT_COST_BPS, RULES, Trading, daily_equity, trade
from candlecast.evaluation.figures import (
    POOLED,
    Figure,
    column,
    coverage_figures,
    direction_figures,
    edge_figures,
    interval_figures,
    volatility_figures,
)
from candlecast.evaluation.metrics import direction_metrics, reliability
from candlecast.evaluation.report import fold_table, leak_alarm, off_centre, rounded

MAX_CURVE_POINTS = 400


@dataclass(frozen=True, slots=True)
class Protocol:
    """How the forecasts were made, as far as a reader must know it.

    Parameters
    ----------
    timeframe : str
        Length of a candle.
    horizon : int
        Candles ahead.
    n_folds, embargo_candles : int
        Of the walk-forward.
    train_candles : int or None
        Candles of each rolling training part; None: expanding.
    trained_on : tuple of str
        Symbols that were learned from; those in the forecasts are judged.
    cost_bps : float
        Cost of buying or selling one unit.
    """

    timeframe: str
    horizon: int
    n_folds: int
    embargo_candles: int = 0
    train_candles: int | None = None
    trained_on: tuple[str, ...] = ()
    cost_bps: float = DEFAULT_COST_BPS


def full_report(
    forecasts: pd.DataFrame, *, protocol: Protocol, importance: Mapping[str, Mapping[str, float]] | None = None
) -> dict[str, Any]:
    """Return everything that is measured of out-of-sample forecasts.

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold` of all folds, at least one.
    protocol : Protocol
        How they were made.
    importance : mapping, optional
        By ``gain`` and ``permutation``: each feature's weight.

    Returns
    -------
    dict
        The protocol's fields, `n_test`, `test_start`, `test_end`, `symbols`, `figures` (each with
        metric, symbol, part, value, low, high, n, beside), `folds`, `reliability`,
        `coverage_by_month`, `equity` (one curve for each way to trade), `importance`,
        `majority_share` and `leak_alarm`. What is undefined is None.
    """
    direction = direction_metrics(column(forecasts, "p_model"), column(forecasts, "direction"))
    report = {
        "timeframe": protocol.timeframe,
        "horizon": protocol.horizon,
        "n_folds": protocol.n_folds,
        "embargo_candles": protocol.embargo_candles,
        "train_candles": protocol.train_candles,
        "trained_on": list(protocol.trained_on),
        "cost_bps": protocol.cost_bps,
        "symbols": sorted(set(forecasts["symbol"])),
        "n_test": len(forecasts),
        "test_start": forecasts["close_time"].min().isoformat(),
        "test_end": forecasts["close_time"].max().isoformat(),
        "figures": [_plain(figure) for figure in all_figures(forecasts, protocol=protocol)],
        "folds": _records(fold_table(forecasts)),
        "reliability": _records(reliability(column(forecasts, "p_model"), column(forecasts, "direction"))),
        "coverage_by_month": _coverage_by_month(forecasts),
        "equity": _equity(forecasts, cost_bps=protocol.cost_bps),
        "importance": {kind: dict(part) for kind, part in (importance or {}).items()},
        "majority_share": direction["majority_share"],
        "leak_alarm": leak_alarm(direction),
    }
    cleaned: dict[str, Any] = rounded(report)
    return cleaned


def all_figures(forecasts: pd.DataFrame, *, protocol: Protocol) -> list[Figure]:
    """Return every figure, pooled first, then symbol by symbol; parameters as in `full_report`."""
    # nights and weekends belong to the span of a target: the longest step but the few across holes
    reach = pd.DatetimeIndex(forecasts["target_time"]) - pd.DatetimeIndex(forecasts["close_time"])
    span_s = float(np.quantile(reach.total_seconds(), 0.9))
    symbols = [(str(name), part) for name, part in forecasts.groupby("symbol", sort=True)]
    parts = [(POOLED, forecasts), *(symbols if len(symbols) > 1 else [])]
    figures = [
        figure for name, part in parts for figure in _figures(part, symbol=name, span_s=span_s, protocol=protocol)
    ]
    return figures


def _figures(forecasts: pd.DataFrame, *, symbol: str, span_s: float, protocol: Protocol) -> list[Figure]:
    def blocks_of(rows: pd.DataFrame) -> DayBlocks:
        return DayBlocks.of(pd.DatetimeIndex(rows["close_time"]), target_span_s=span_s)

    blocks = blocks_of(forecasts)
    return [
        *direction_figures(forecasts, blocks, symbol=symbol),
        *interval_figures(forecasts, blocks, symbol=symbol),
        *volatility_figures(forecasts, blocks, symbol=symbol),
        *edge_figures(forecasts, cost_bps=protocol.cost_bps, blocks_of=blocks_of, symbol=symbol),
        *coverage_figures(forecasts, blocks, symbol=symbol),
    ]


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "metric": figure.metric,
        "symbol": figure.symbol,
        "part": figure.part,
        "value": figure.value,
        "low": figure.bounds[0],
        "high": figure.bounds[1],
        "n": figure.n,
        "beside": dict(figure.beside),
    }


def _coverage_by_month(forecasts: pd.DataFrame) -> list[dict[str, Any]]:
    inside = {}
    for percent in (50, 80, 90, 95):
        apart, half = np.abs(off_centre(forecasts, f"reach_{percent}")), column(forecasts, f"reach_{percent}")
        inside[f"coverage_{percent}"] = np.where(np.isfinite(apart) & np.isfinite(half), apart <= half, np.nan)
    months = forecasts["close_time"].dt.strftime("%Y-%m").rename("month")
    frame = pd.DataFrame(inside, index=forecasts.index)
    table = frame.groupby(months).mean()
    table["n"] = frame["coverage_80"].groupby(months).count()
    return _records(table.reset_index())


def _equity(forecasts: pd.DataFrame, *, cost_bps: float) -> dict[str, list[dict[str, Any]]]:
    curves: dict[str, list[dict[str, Any]]] = {}
    for rule in RULES:
        curve = daily_equity(trade(forecasts, trading=Trading(cost_bps=cost_bps, rule=rule)))
        shown = curve.iloc[:: max(1, math.ceil(len(curve) / MAX_CURVE_POINTS))]
        curves[rule] = _records(shown.assign(day=shown["day"].dt.strftime("%Y-%m-%d")))
    return curves


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
