"""How good would the model have been, and what is it now? Walk-forward, then the final fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from candlecast.evaluation.report import fold_table, summarise
from candlecast.models.direction import DirectionModel
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.news import PanelNews
from candlecast.models.out_of_sample import forecast_fold
from candlecast.models.rows import collect_rows


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What training gave.

    Parameters
    ----------
    model : DirectionModel
        Fitted on all data, calibrated on its newest slice.
    metrics : dict
        From `summarise`: out of sample, never of `model` itself but of its like in each fold.
    fold_table : DataFrame
        One row for each fold.
    skipped : dict of str to str
        Symbols left out for lack of history, and why.
    """

    model: DirectionModel
    metrics: dict[str, Any]
    fold_table: pd.DataFrame
    skipped: dict[str, str]


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
        When a parameter is unknown or out of range.
    """
    rows, skipped = collect_rows(panel, timeframe=config.timeframe, horizon=config.horizon, news=news)
    folds = config.walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))
    forecasts = pd.concat([forecast_fold(rows, fold=fold, config=config) for fold in folds], ignore_index=True)
    return TrainingResult(
        model=fit_model(rows, train=np.arange(len(rows.closes)), config=config),
        metrics=summarise(forecasts),
        fold_table=fold_table(forecasts),
        skipped=skipped,
    )
