"""What did a walk-forward show? Metrics of model and baselines, pooled, per symbol and per fold."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from candlecast.evaluation.baselines import gaussian_half_width
from candlecast.evaluation.metrics import Array, direction_metrics, interval_metrics, spearman

FORECASTERS = ("model", "majority", "last_direction", "logistic")
LEVEL_COLUMNS = {"reach_50": 0.50, "reach_80": 0.80, "reach_90": 0.90, "reach_95": 0.95}
SCALES = ("sigma", "histvol", "ewma", "har")
ALARM_SHARE = 0.08


def summarise(forecasts: pd.DataFrame) -> dict[str, Any]:
    """Return all metrics of out-of-sample forecasts, ready for JSON.

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold` of all folds.

    Returns
    -------
    dict
        `direction` per forecaster, `intervals` per level with the Winkler ratio to HistVol,
        `coverage_80_by_volatility` (low, middle, high third of sigma), `volatility` (Spearman IC
        over the next max(horizon, 4) candles, of the model and of each baseline there is),
        `per_symbol`, and `leak_alarm`: a sentence or None. What is undefined is None.
    """
    direction = {name: _direction(forecasts, name) for name in FORECASTERS}
    realised = _array(forecasts, "realised_volatility")
    report = {
        "n_test": len(forecasts),
        "test_start": forecasts["close_time"].min().isoformat(),
        "test_end": forecasts["close_time"].max().isoformat(),
        "direction": direction,
        "intervals": {str(level): _interval(forecasts, column) for column, level in LEVEL_COLUMNS.items()},
        "coverage_80_by_volatility": _by_volatility(forecasts),
        "volatility": {name: spearman(_array(forecasts, name), realised) for name in SCALES if name in forecasts},
        "per_symbol": {str(name): _brief(part) for name, part in forecasts.groupby("symbol")},
        "leak_alarm": leak_alarm(direction["model"]),
    }
    return {name: rounded(value) for name, value in report.items()}


def fold_table(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each fold: its span, and accuracy, AUC, log loss and 80 % coverage of the model."""
    rows = [{"fold": number, **_brief(part)} for number, part in forecasts.groupby("fold")]
    return pd.DataFrame(rows)


def leak_alarm(direction: Mapping[str, float]) -> str | None:
    """Return why an accuracy is too good to believe, or None.

    Parameters
    ----------
    direction : dict
        From `direction_metrics`: `accuracy_low` and `majority_share` are read.
    """
    limit = direction["majority_share"] + ALARM_SHARE
    if direction["accuracy_low"] <= limit:
        return None
    return (
        f"accuracy is at least {direction['accuracy_low']:.3f} (95 % Wilson), above the limit of {limit:.3f}, "
        f"the majority share plus {ALARM_SHARE}: look for a leak before promoting this model"
    )


def rounded(value: Any) -> Any:
    """Return `value` with its numbers to ten digits, None where one is not finite, at any depth of dicts and lists.

    The digits after those depend on how many threads summed, and would make one model look like two.
    """
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if not isinstance(value, float):
        return value
    return float(f"{value:.10g}") if math.isfinite(value) else None


def off_centre(forecasts: pd.DataFrame, column: str) -> Array:
    """Return how far each log return lies from the centre of its interval, shape (n,).

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold`; where they state no centre, intervals lie around 0.
    column : str
        One of `LEVEL_COLUMNS`.
    """
    actual, centre = _array(forecasts, "log_return"), column.replace("reach", "centre")
    return actual - _array(forecasts, centre) if centre in forecasts else actual


def _direction(forecasts: pd.DataFrame, name: str) -> dict[str, float]:
    return direction_metrics(_array(forecasts, f"p_{name}"), _array(forecasts, "direction"))


def _interval(forecasts: pd.DataFrame, column: str) -> dict[str, float]:
    level, actual, half = LEVEL_COLUMNS[column], _array(forecasts, "log_return"), _array(forecasts, column)
    naive = gaussian_half_width(_array(forecasts, "histvol"), level=level)
    naive[~np.isfinite(half)] = np.nan
    baseline = interval_metrics(actual, naive, level=level)
    found = interval_metrics(off_centre(forecasts, column), half, level=level)
    ratio = found["winkler"] / baseline["winkler"] if baseline["winkler"] > 0 else math.nan
    return found | {"histvol_coverage": baseline["coverage"], "winkler_to_histvol": ratio}


def _by_volatility(forecasts: pd.DataFrame) -> dict[str, float]:
    parts = np.array_split(np.argsort(_array(forecasts, "sigma"), kind="stable"), 3)
    return {name: _coverage(forecasts.iloc[part]) for name, part in zip(("low", "middle", "high"), parts, strict=True)}


def _brief(forecasts: pd.DataFrame) -> dict[str, Any]:
    direction = _direction(forecasts, "model")
    return {
        "n": len(forecasts),
        "test_start": forecasts["close_time"].min().isoformat(),
        "accuracy": direction["accuracy"],
        "accuracy_low": direction["accuracy_low"],
        "accuracy_high": direction["accuracy_high"],
        "majority_share": direction["majority_share"],
        "auc": direction["auc"],
        "log_loss": direction["log_loss"],
        "coverage_80": _coverage(forecasts),
    }


def _coverage(forecasts: pd.DataFrame) -> float:
    apart = off_centre(forecasts, "reach_80")
    return interval_metrics(apart, _array(forecasts, "reach_80"), level=0.80)["coverage"]


def _array(frame: pd.DataFrame, name: str) -> Array:
    return frame[name].to_numpy(dtype=np.float64).copy()
