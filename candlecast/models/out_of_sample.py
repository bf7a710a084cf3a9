"""What would the model, and the baselines, have said of rows they never saw?"""

import numpy as np
import pandas as pd

from candlecast.evaluation.baselines import LogisticBaseline, histvol, last_direction, majority
from candlecast.evaluation.walk_forward import Fold
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.intervals import CONFORMAL_CANDLES, LEVELS, conformity, rolling_reach
from candlecast.models.rows import PanelRows, RowNumbers

_RETURN_1 = FEATURE_NAMES.index("return_1")


def forecast_fold(rows: PanelRows, *, fold: Fold, config: TrainingConfig) -> pd.DataFrame:
    """Fit on the training part of a fold and forecast its test part.

    Parameters
    ----------
    rows : PanelRows
        All rows.
    fold : Fold
        What to learn from and what to be judged on.
    config : TrainingConfig
        How.

    Returns
    -------
    DataFrame
        One row for each test row with a known direction: `symbol`, `close_time`, `fold`, the
        targets, ``p_model``, ``p_majority``, ``p_last_direction``, ``p_logistic``, `sigma`,
        `histvol`, and ``reach_50`` to ``reach_95``: half widths in log returns.
    """
    model = fit_model(rows, train=fold.train, config=config)
    test = rows.known(fold.test)
    columns = {f"p_{name}": p for name, p in _directions(rows, fold=fold, test=test, model=model).items()}
    frame = pd.DataFrame(columns | _ranges(rows, test=test, model=model))
    frame.insert(0, "symbol", np.array(rows.names)[rows.symbol[test]])
    frame.insert(1, "close_time", rows.closes[test])
    frame.insert(2, "fold", fold.number)
    return pd.concat([frame, rows.targets.iloc[test].reset_index(drop=True)], axis=1)


def _directions(rows: PanelRows, *, fold: Fold, test: RowNumbers, model: DirectionModel) -> dict[str, Array]:
    train = rows.known(fold.train)
    known, newest = rows.direction[train], rows.features[:, _RETURN_1]
    logistic = LogisticBaseline.fit(rows.features[train], known)
    return {
        "model": model.p_up(rows.features[test]),
        "majority": majority(known, n_test=len(test)),
        "last_direction": last_direction(newest[train], known, test_return=newest[test]),
        "logistic": logistic.predict(rows.features[test]),
    }


def _ranges(rows: PanelRows, *, test: RowNumbers, model: DirectionModel) -> dict[str, Array]:
    horizon = model.facts.horizon
    names = ["sigma", "histvol", *(f"reach_{level:.0%}".rstrip("%") for level in LEVELS)]
    found = {name: np.full(len(test), np.nan) for name in names}
    for symbol in np.unique(rows.symbol[test]):
        mine = np.flatnonzero(rows.symbol == symbol)
        wanted = rows.symbol[test] == symbol
        low = max(mine[0], test[wanted][0] - CONFORMAL_CANDLES - 2 * horizon)
        span = np.arange(low, test[wanted][-1] + 1)
        sigma = model.volatility.sigma(rows.features[span])
        scores = conformity(rows.column("log_return")[span], sigma)
        values = [sigma, histvol(rows.features[span, _RETURN_1].astype(np.float64), horizon=horizon)]
        values += [sigma * rolling_reach(scores, horizon=horizon, level=level) for level in LEVELS]
        for name, value in zip(names, values, strict=True):
            found[name][wanted] = value[test[wanted] - low]
    return found
