"""What does one recipe say of a panel, fold by fold, of rows it never saw?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.walk_forward import Fold
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.importance import gain_importance, mean_importance, permutation_importance
from candlecast.models.news import PanelNews
from candlecast.models.out_of_sample import forecast_fold
from candlecast.models.rows import PanelRows, collect_rows


@dataclass(frozen=True, slots=True)
class Judgement:
    """Out-of-sample forecasts of a walk-forward.

    Parameters
    ----------
    forecasts : DataFrame
        Rows of `forecast_fold`, of all folds and judged symbols.
    trained_on : tuple of str
        Symbols that were learned from.
    skipped : dict of str to str
        Symbols left out for lack of history, and why.
    importance : dict of str to dict
        ``gain`` of the newest fold's model, ``permutation`` on the test rows, mean over the folds;
        each feature's weight.
    """

    forecasts: pd.DataFrame
    trained_on: tuple[str, ...]
    skipped: dict[str, str]
    importance: dict[str, dict[str, float]]


def judge(
    panel: Mapping[str, pd.DataFrame],
    *,
    config: TrainingConfig,
    symbols: Collection[str] = (),
    news: PanelNews | None = None,
) -> Judgement:
    """Walk forward over a panel.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending, closed candles only.
    config : TrainingConfig
        How.
    symbols : collection of str
        Those whose forecasts are kept; empty: all. The model learns from all of the panel.
    news : PanelNews, optional
        For a model that takes news.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough candles, too few for the folds, or none of `symbols` has rows to be
        tested on.
    InvalidRequestError
        When a parameter is unknown or out of range.
    """
    rows, skipped = collect_rows(panel, timeframe=config.timeframe, horizon=config.horizon, news=news)
    folds = config.walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))
    mine = [fold for fold in (_tested(rows, fold, symbols=symbols) for fold in folds) if len(rows.known(fold.test))]
    if not mine:
        what = ", ".join(sorted(symbols)) or "the panel"
        raise InsufficientHistoryError(f"{what} has no row with a known outcome to be tested on: backfill more candles")
    models = [fit_model(rows, train=fold.train, config=config) for fold in mine]
    forecasts = [
        forecast_fold(rows, fold=fold, config=config, model=model) for fold, model in zip(mine, models, strict=True)
    ]
    rises = [
        permutation_importance(model, rows, rows.known(fold.test), seed=config.seed)
        for fold, model in zip(mine, models, strict=True)
    ]
    importance = {
        "gain": gain_importance(models[-1]),
        "permutation": mean_importance(rows.feature_names, rises),
    }
    return Judgement(pd.concat(forecasts, ignore_index=True), rows.names, skipped, importance)


def _tested(rows: PanelRows, fold: Fold, *, symbols: Collection[str]) -> Fold:
    if not symbols:
        return fold
    places = [place for place, name in enumerate(rows.names) if name in symbols]
    return replace(fold, test=fold.test[np.isin(rows.symbol[fold.test], places)])
