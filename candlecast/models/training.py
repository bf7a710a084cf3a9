"""How good would the model have been, and what is it now? Walk-forward, then the final fit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from candlecast.evaluation.report import fold_table, rounded, summarise
from candlecast.evaluation.walk_forward import Fold
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.importance import gain_importance, mean_importance, permutation_importance
from candlecast.models.inputs import prepare_rows
from candlecast.models.news import PanelNews
from candlecast.models.origin import Origin
from candlecast.models.out_of_sample import forecast_fold
from candlecast.models.rows import PanelRows


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What training gave.

    Parameters
    ----------
    model : DirectionModel
        Fitted on all data, calibrated on its newest slice.
    metrics : dict
        From `summarise`: out of sample, never of `model` itself but of its like in each fold; and
        `importance`: of each feature, by `gain` in the final fit and by `permutation` on the test
        parts, empty where features were not weighed; and `interval_choice`: which kind of intervals
        `model` says, and why.
    forecasts : DataFrame
        The out-of-sample forecasts behind the metrics, rows of `forecast_fold`.
    fold_table : DataFrame
        One row for each fold.
    skipped : dict of str to str
        Symbols left out, and why.
    origin : Origin
        What it was made from.
    """

    model: DirectionModel
    metrics: dict[str, Any]
    forecasts: pd.DataFrame
    fold_table: pd.DataFrame
    skipped: dict[str, str]
    origin: Origin


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What one fold showed: its out-of-sample forecasts, and what each feature was worth in them, if weighed."""

    forecasts: pd.DataFrame
    permutation: Array


def train(
    panel: Mapping[str, pd.DataFrame], *, config: TrainingConfig, news: PanelNews | None = None
) -> TrainingResult:
    """Judge by walk-forward, then fit on everything.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending, closed candles only.
    config : TrainingConfig
        How.
    news : PanelNews, optional
        For a model that takes news; None: price columns alone.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough candles, or too few for the folds.
    InvalidRequestError
        When candles cannot be learned from, see `prepare_rows`, or went one way only.
    """
    rows, skipped = prepare_rows(panel, timeframe=config.timeframe, horizon=config.horizon, news=news)
    judged = [judge_fold(rows, fold=fold, config=config) for fold in folds_of(rows, config=config)]
    return conclude(judged, model=fit_final(rows, config=config), skipped=skipped, origin=Origin.of(panel))


def folds_of(rows: PanelRows, *, config: TrainingConfig) -> list[Fold]:
    """Return the folds of the outer walk-forward, earliest first.

    Raises
    ------
    InsufficientHistoryError
        When the rows are too few.
    """
    return config.walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))


def judge_fold(rows: PanelRows, *, fold: Fold, config: TrainingConfig) -> FoldResult:
    """Fit on the training part of a fold, forecast its test part and weigh the features on it."""
    model = fit_model(rows, train=fold.train, config=config)
    forecasts = forecast_fold(rows, fold=fold, config=config, model=model)
    if not config.weigh_features:
        return FoldResult(forecasts, np.empty(0))
    return FoldResult(forecasts, permutation_importance(model, rows, rows.known(fold.test), seed=config.seed))


def fit_final(rows: PanelRows, *, config: TrainingConfig) -> DirectionModel:
    """Fit the model that will answer: on all rows."""
    return fit_model(rows, train=np.arange(len(rows.closes)), config=config)


def conclude(
    judged: Sequence[FoldResult], *, model: DirectionModel, skipped: dict[str, str], origin: Origin
) -> TrainingResult:
    """Put together what the folds, in their order, and the final fit gave."""
    forecasts = pd.concat([each.forecasts for each in judged], ignore_index=True)
    weighed = [each.permutation for each in judged if len(each.permutation)]
    permutation = mean_importance(model.facts.feature_names, weighed) if weighed else {}
    importance = {"gain": gain_importance(model), "permutation": permutation}
    choice = rounded(asdict(model.interval_choice))
    return TrainingResult(
        model=model,
        metrics=summarise(forecasts) | {"importance": importance, "interval_choice": choice},
        forecasts=forecasts,
        fold_table=fold_table(forecasts),
        skipped=skipped,
        origin=origin,
    )
