"""How good are these parameters? An inner walk-forward that never sees what the outer one tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost as xgb

from candlecast.evaluation.metrics import log_loss
from candlecast.evaluation.walk_forward import WalkForward
from candlecast.models.estimators import Array, Features, binned, learner_settings, resolve_params
from candlecast.models.fitting import TrainingConfig
from candlecast.models.news import PanelNews
from candlecast.models.rows import PanelRows, RowNumbers, collect_rows

N_INNER_FOLDS = 2
REPORT_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class InnerFold:
    """Arrays to learn from and to validate on; features float32, directions 1 up, 0 down."""

    train_features: Features
    train_direction: Array
    validation_features: Features
    validation_direction: Array


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every trial shares; plain arrays, so that it travels between processes.

    Parameters
    ----------
    folds : tuple of InnerFold
        Earliest first; all of them end before the first outer test block.
    seed : int
        Seed of the estimator.
    nthread : int
        Threads of the estimator.
    """

    folds: tuple[InnerFold, ...]
    seed: int
    nthread: int


def prepare(panel: Mapping[str, pd.DataFrame], *, config: TrainingConfig, news: PanelNews | None = None) -> Prepared:
    """Build the inner walk-forward of the rows before the first outer test block.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending.
    config : TrainingConfig
        Says the outer walk-forward; its `params` are not used.
    news : PanelNews, optional
        As `candlecast.models.training.train` will get it.

    Raises
    ------
    InsufficientHistoryError
        When the rows are too few.
    """
    rows, _ = collect_rows(panel, timeframe=config.timeframe, horizon=config.horizon, news=news)
    targets = pd.DatetimeIndex(rows.targets["target_time"])
    outer = config.walk_forward().split(rows.closes, targets)[0].train
    inner = WalkForward(
        n_folds=N_INNER_FOLDS,
        horizon=config.horizon,
        purge_candles=config.horizon,
        embargo_candles=config.embargo_candles,
        test_share=0.4,
    )
    folds = inner.split(rows.closes[outer], targets[outer])
    taken = tuple(_inner_fold(rows, train=outer[fold.train], validation=outer[fold.test]) for fold in folds)
    return Prepared(taken, seed=config.seed, nthread=config.nthread)


def fit_score(
    prepared: Prepared, params: Mapping[str, float], *, on_round: Callable[[int, float], None] | None = None
) -> float:
    """Fit one set of parameters on all inner folds in step and score it.

    Parameters
    ----------
    prepared : Prepared
        From `prepare`.
    params : mapping
        Parameters that differ from the defaults.
    on_round : callable or None
        Told (rounds done, mean validation log loss) every `REPORT_ROUNDS` rounds; may raise to stop.

    Returns
    -------
    float
        Mean validation log loss in nats after the last round; 0.6931 is a coin.

    Raises
    ------
    InvalidRequestError
        When a parameter is unknown.
    """
    settings = learner_settings(params, seed=prepared.seed, nthread=prepared.nthread)
    rounds = int(resolve_params(params)["rounds"])
    learners = [_Learner.of(fold, settings=settings) for fold in prepared.folds]
    loss = np.nan
    for number in range(1, rounds + 1):
        for learner in learners:
            learner.booster.update(learner.train, number - 1)
        if number == rounds or number % REPORT_ROUNDS == 0:
            loss = float(np.mean([learner.loss() for learner in learners]))
            if on_round is not None:
                on_round(number, loss)
    return loss


@dataclass(frozen=True, slots=True)
class _Learner:
    booster: xgb.Booster
    train: xgb.QuantileDMatrix
    validation: xgb.DMatrix
    direction: Array

    @classmethod
    def of(cls, fold: InnerFold, *, settings: Mapping[str, float | str]) -> "_Learner":
        train = binned(fold.train_features, fold.train_direction, settings=settings)
        validation = xgb.DMatrix(fold.validation_features, nthread=int(settings["nthread"]))
        return cls(xgb.Booster(dict(settings), [train, validation]), train, validation, fold.validation_direction)

    def loss(self) -> float:
        return log_loss(np.asarray(self.booster.predict(self.validation), dtype=np.float64), self.direction)


def _inner_fold(rows: PanelRows, *, train: RowNumbers, validation: RowNumbers) -> InnerFold:
    train, validation = rows.known(train), rows.known(validation)
    direction = rows.direction
    return InnerFold(rows.features[train], direction[train], rows.features[validation], direction[validation])
