"""What is said of a model, figure by figure: its value, its 95 % interval, its n, and the baselines beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.baselines import gaussian_half_width
from candlecast.evaluation.bootstrap import UNKNOWN, Bounds, DayBlocks
from candlecast.evaluation.edge import RULES, Trading, trade
from candlecast.evaluation.metrics import (
    Array,
    clipped,
    direction_metrics,
    interval_metrics,
    most_certain,
    spearman,
    wilson_interval,
    winkler_scores,
)
from candlecast.evaluation.report import LEVEL_COLUMNS, off_centre

POOLED = "pooled"
DIRECTION_BASELINES = ("majority", "last_direction", "logistic")
VOLATILITY_BASELINES = ("histvol", "ewma", "har")
TERCILES = ("low", "middle", "high")
_DIRECTION = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "auc": "auc",
    "brier": "brier",
    "log_loss": "log_loss",
    "ece": "calibration_error",
    "top_decile_accuracy": "top_decile_accuracy",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Parameters
    ----------
    metric : str
        As ``auc`` or ``coverage_80``.
    value : float
        Of the model; NaN where undefined.
    n : int
        Forecasts behind it.
    bounds : (float, float)
        Its 95 % interval: Wilson for shares of calls, by blocks of days for all else; NaN where none
        is given.
    symbol : str
        Whose, ``pooled`` for all.
    part : str
        Which part of the forecasts, as ``tercile low`` or ``quarter 2021Q2``; "" for all.
    beside : mapping of str to float
        The same figure of each baseline, or the level that an interval promised.
    """

    metric: str
    value: float
    n: int
    bounds: Bounds = UNKNOWN
    symbol: str = POOLED
    part: str = ""
    beside: Mapping[str, float] = field(default_factory=dict)


def direction_figures(forecasts: pd.DataFrame, blocks: DayBlocks, *, symbol: str = POOLED) -> list[Figure]:
    """Return accuracy, balanced accuracy, AUC, Brier, log loss, ECE and the surest tenth's accuracy.

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold`.
    blocks : DayBlocks
        Of the same rows.
    symbol : str
        Whose rows they are.
    """
    p_up, direction = column(forecasts, "p_model"), column(forecasts, "direction")
    model = direction_metrics(p_up, direction)
    baselines = {
        name: direction_metrics(column(forecasts, f"p_{name}"), direction)
        for name in DIRECTION_BASELINES
        if f"p_{name}" in forecasts
    }
    bounds = _direction_bounds(p_up, direction, blocks=blocks)
    return [
        Figure(
            metric=metric,
            value=model[key],
            n=len(most_certain(p_up)) if metric == "top_decile_accuracy" else len(p_up),
            bounds=bounds.get(metric, UNKNOWN),
            symbol=symbol,
            beside={name: found[key] for name, found in baselines.items()},
        )
        for metric, key in _DIRECTION.items()
    ]


def interval_figures(forecasts: pd.DataFrame, blocks: DayBlocks, *, symbol: str = POOLED) -> list[Figure]:
    """Return coverage, width, and the interval score as a share of each baseline's, for each level.

    HistVol is Gaussian over 24 candles; HAR is its own conformal interval, where there is one.
    Parameters as in `direction_figures`.
    """
    actual = column(forecasts, "log_return")
    figures = []
    for name, level in LEVEL_COLUMNS.items():
        percent, half, apart = round(100 * level), column(forecasts, name), off_centre(forecasts, name)
        found, known = interval_metrics(apart, half, level=level), np.isfinite(apart) & np.isfinite(half)
        n, inside = int(found["n"]), np.where(known, np.abs(apart) <= half, np.nan)
        ours = winkler_scores(apart, half, level=level)
        rivals = _rival_reaches(forecasts, level=level)
        beside = {"level": level} | {
            rival: interval_metrics(actual[known], reach[known], level=level)["coverage"]
            for rival, reach in rivals.items()
        }
        width = np.where(known, 2.0 * half, np.nan)
        figures += [
            Figure(f"coverage_{percent}", found["coverage"], n, blocks.mean(inside), symbol, beside=beside),
            Figure(f"width_{percent}", found["width"], n, blocks.mean(width), symbol),
        ]
        for rival, reach in rivals.items():
            score, bounds, shared = _score_ratio(ours, winkler_scores(actual, reach, level=level), blocks=blocks)
            figures.append(Figure(f"interval_score_vs_{rival}_{percent}", score, shared, bounds, symbol))
    return figures


def coverage_figures(forecasts: pd.DataFrame, blocks: DayBlocks, *, symbol: str = POOLED) -> list[Figure]:
    """Return the coverage of the 80 and 90 % intervals in each tercile of sigma and in each quarter.

    Parameters as in `direction_figures`.
    """
    figures = []
    for part, rows in _parts(forecasts).items():
        for level in (0.80, 0.90):
            name = f"coverage_{round(100 * level)}"
            reach = name.replace("coverage", "reach")
            apart, half = off_centre(forecasts, reach)[rows], column(forecasts, reach)[rows]
            known = np.isfinite(apart) & np.isfinite(half)
            inside = np.where(known, np.abs(apart) <= half, np.nan)
            value = float(np.nanmean(inside)) if known.any() else float("nan")
            bounds = blocks.take(rows).mean(inside)
            figures.append(Figure(name, value, int(known.sum()), bounds, symbol, part, {"level": level}))
    return figures


def volatility_figures(forecasts: pd.DataFrame, blocks: DayBlocks, *, symbol: str = POOLED) -> list[Figure]:
    """Return the rank correlation of sigma with the volatility that came; parameters as in `direction_figures`."""
    realised, sigma = column(forecasts, "realised_volatility"), column(forecasts, "sigma")
    known = np.isfinite(realised) & np.isfinite(sigma)
    beside = {
        name: spearman(column(forecasts, name)[known], realised[known])
        for name in VOLATILITY_BASELINES
        if name in forecasts
    }
    value, bounds = spearman(sigma, realised), blocks.correlation(sigma, realised)
    return [Figure("volatility_ic", value, int(known.sum()), bounds, symbol, beside=beside)]


def edge_figures(
    forecasts: pd.DataFrame, *, cost_bps: float, blocks_of: Callable[[pd.DataFrame], DayBlocks], symbol: str = POOLED
) -> list[Figure]:
    """Return what a position earned on average, in bps, before and after costs.

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold`.
    cost_bps : float
        Of buying or selling one unit.
    blocks_of : callable
        From rows with `close_time` to their blocks.
    symbol : str
        Whose rows they are.
    """
    figures = []
    held = trade(forecasts, trading=Trading(cost_bps=cost_bps, rule="always long"))
    for rule in RULES[:2]:
        trades = trade(forecasts, trading=Trading(cost_bps=cost_bps, rule=rule))
        blocks, taken = blocks_of(trades), np.abs(column(trades, "position"))
        n = int(taken.sum())
        for metric, name in (("edge_bps", "gross_bps"), ("edge_after_costs_bps", "net_bps")):
            earned = column(trades, name)
            value = float(earned.sum() / n) if n else float("nan")
            beside = {"always long": float(column(held, name).mean())}
            figures.append(Figure(metric, value, n, blocks.ratio(earned, taken), symbol, rule, beside))
    return figures


def column(frame: pd.DataFrame, name: str) -> Array:
    """Return a column as float64 of shape (n,), all NaN where the frame has none of that name."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64).copy()


def _direction_bounds(p_up: Array, direction: Array, *, blocks: DayBlocks) -> dict[str, Bounds]:
    up, called = direction > 0.5, p_up > 0.5
    hit, sure = (called == up).astype(np.float64), most_certain(p_up)
    p = clipped(p_up)
    loss = -(direction * np.log(p) + (1 - direction) * np.log1p(-p))
    return {
        "accuracy": wilson_interval(int(hit.sum()), len(hit)),
        "top_decile_accuracy": wilson_interval(int(hit[sure].sum()), len(sure)),
        "auc": blocks.auc(p_up, direction),
        "brier": blocks.mean((p_up - direction) ** 2),
        "log_loss": blocks.mean(loss),
    }


def _rival_reaches(forecasts: pd.DataFrame, *, level: float) -> dict[str, Array]:
    reaches = {
        "histvol": gaussian_half_width(column(forecasts, "histvol"), level=level),
        "har": column(forecasts, f"har_reach_{round(100 * level)}"),
    }
    return {name: reach for name, reach in reaches.items() if np.isfinite(reach).any()}


def _score_ratio(ours: Array, theirs: Array, *, blocks: DayBlocks) -> tuple[float, Bounds, int]:
    known = np.isfinite(ours) & np.isfinite(theirs)
    ours, theirs = np.where(known, ours, 0.0), np.where(known, theirs, 0.0)
    ratio = float(ours.sum() / theirs.sum()) if theirs.sum() > 0 else float("nan")
    return ratio, blocks.ratio(ours, theirs), int(known.sum())


def _parts(forecasts: pd.DataFrame) -> dict[str, npt.NDArray[np.bool_]]:
    order = np.argsort(column(forecasts, "sigma"), kind="stable")
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order)) * len(TERCILES) // max(1, len(order))
    quarters = forecasts["close_time"].dt.tz_convert(None).dt.to_period("Q").astype(str).to_numpy()
    terciles = {f"tercile {name}": places == number for number, name in enumerate(TERCILES)}
    return terciles | {f"quarter {name}": quarters == name for name in np.unique(quarters)}
