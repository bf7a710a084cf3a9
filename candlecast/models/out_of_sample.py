"""What would the model, and the baselines, have said of rows they never saw?"""

import numpy as np
import pandas as pd

from candlecast.evaluation.baselines import (
    HAR_TERMS,
    HarRegression,
    ewma,
    histvol,
    last_direction,
    majority,
)
from candlecast.evaluation.walk_forward import Fold
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.calibration import Calibration
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.fitting import TrainingConfig, fit_model, settled_volatility
from candlecast.models.intervals import CONFORMAL_CANDLES, LEVELS, rolling_reach
from candlecast.models.logistic import DEFAULT_PARAMS, Logistic
from candlecast.models.rows import PanelRows, RowNumbers
from candlecast.models.spans import conformity, ends

_LOGISTIC_ROWS = 40_000
_RETURN_1 = FEATURE_NAMES.index("return_1")
_HAR_PLACES = np.array([FEATURE_NAMES.index(name) for name in HAR_TERMS])


def forecast_fold(
    rows: PanelRows, *, fold: Fold, config: TrainingConfig, model: DirectionModel | None = None
) -> pd.DataFrame:
    """Fit on the training part of a fold and forecast its test part.

    Parameters
    ----------
    rows : PanelRows
        All rows.
    fold : Fold
        What to learn from and what to be judged on.
    config : TrainingConfig
        How.
    model : DirectionModel, optional
        Fitted on the training part already; None: it is fitted here.

    Returns
    -------
    DataFrame
        One row for each test row with a known direction: `symbol`, `close_time`, `fold`, the
        targets, ``p_model``, ``p_majority``, ``p_last_direction``, ``p_logistic``, `sigma`,
        `histvol`, `ewma` and `har` (scales of the log return), and intervals in log returns:
        half widths ``reach_50`` to ``reach_95`` around ``centre_50`` to ``centre_95``, and half
        widths ``har_reach_50`` to ``har_reach_95`` around 0 by the same recipe on the HAR baseline.
    """
    model = model or fit_model(rows, train=fold.train, config=config)
    test = rows.known(fold.test)
    columns = {f"p_{name}": p for name, p in _directions(rows, fold=fold, test=test, model=model).items()}
    frame = pd.DataFrame(columns | _ranges(rows, fold=fold, test=test, model=model))
    frame.insert(0, "symbol", np.array(rows.names)[rows.symbol[test]])
    frame.insert(1, "close_time", rows.closes[test])
    frame.insert(2, "fold", fold.number)
    return pd.concat([frame, rows.targets.iloc[test].reset_index(drop=True)], axis=1)


def _directions(rows: PanelRows, *, fold: Fold, test: RowNumbers, model: DirectionModel) -> dict[str, Array]:
    train = rows.known(fold.train)
    known, newest = rows.direction[train], rows.features[:, _RETURN_1]
    return {
        "model": model.p_up(rows.features[test]),
        "majority": majority(known, n_test=len(test)),
        "last_direction": last_direction(newest[train], known, test_return=newest[test]),
        "logistic": _logistic(rows, train=train, test=test),
    }


def _logistic(rows: PanelRows, *, train: RowNumbers, test: RowNumbers) -> Array:
    # a coefficient a feature needs no more rows
    thinned = train[:: -(-len(train) // _LOGISTIC_ROWS)]
    features, direction = rows.features[thinned], rows.direction[thinned]
    baseline = Logistic.fit(features, direction, params=DEFAULT_PARAMS, seed=0, nthread=1)
    return Calibration(slope=1.0, intercept=0.0, abstain_below=0.0).p_up(baseline.margins(rows.features[test]))


def _ranges(rows: PanelRows, *, fold: Fold, test: RowNumbers, model: DirectionModel) -> dict[str, Array]:
    horizon = model.facts.horizon
    har = _fit_har(rows, train=fold.train, horizon=horizon)
    found: dict[str, Array] = {}
    for symbol in np.unique(rows.symbol[test]):
        mine = np.flatnonzero(rows.symbol == symbol)
        wanted = rows.symbol[test] == symbol
        low = max(mine[0], test[wanted][0] - CONFORMAL_CANDLES - 2 * horizon)
        span = np.arange(low, test[wanted][-1] + 1)
        for name, value in _scales(rows, span=span, model=model, har=har).items():
            found.setdefault(name, np.full(len(test), np.nan))[wanted] = value[test[wanted] - low]
    return found


def _fit_har(rows: PanelRows, *, train: RowNumbers, horizon: int) -> HarRegression:
    target = rows.column("range_volatility")
    train = settled_volatility(rows, rows=train[np.isfinite(target[train])], horizon=horizon)
    return HarRegression.fit(rows.features[train][:, _HAR_PLACES].astype(np.float64), target[train])


def _scales(rows: PanelRows, *, span: RowNumbers, model: DirectionModel, har: HarRegression) -> dict[str, Array]:
    horizon, features = model.facts.horizon, rows.features[span]
    last_return, actual = features[:, _RETURN_1].astype(np.float64), rows.column("log_return")[span]
    terms = features[:, _HAR_PLACES].astype(np.float64)
    plain = np.exp(har.log_volatility(terms)) * np.sqrt(horizon)
    scales = {"sigma": model.volatility.sigma(features), "har": plain}
    scales |= {"histvol": histvol(last_return, horizon=horizon), "ewma": ewma(last_return, horizon=horizon)}
    ours = _intervals(actual, model.spans(features), horizon=horizon)
    rival = _intervals(actual, plain[:, np.newaxis], horizon=horizon)
    scales |= {f"har_{name}": value for name, value in rival.items() if name.startswith("reach")}
    return scales | ours


def _intervals(actual: Array, spans: Array, *, horizon: int) -> dict[str, Array]:
    scores = conformity(actual, spans)
    reach = np.column_stack([rolling_reach(scores, horizon=horizon, level=level) for level in LEVELS])
    below, above = ends(spans, reach)
    percents = [round(100 * level) for level in LEVELS]
    halves = {f"reach_{percent}": half for percent, half in zip(percents, (above + below).T / 2.0, strict=True)}
    centres = {f"centre_{percent}": mid for percent, mid in zip(percents, (above - below).T / 2.0, strict=True)}
    return halves | centres
