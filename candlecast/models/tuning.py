"""How good are these parameters? An inner walk-forward that never sees what the outer one tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.deflation import Deflated, deflate
from candlecast.evaluation.metrics import log_loss
from candlecast.evaluation.walk_forward import WalkForward
from candlecast.market.calendars import to_microseconds
from candlecast.models.estimators import Array, Features, binned, learner_settings, resolve_params
from candlecast.models.fitting import TrainingConfig
from candlecast.models.inputs import prepare_rows
from candlecast.models.news import PanelNews
from candlecast.models.rows import RowNumbers
from candlecast.models.search_space import MAX_ROUNDS

N_INNER_FOLDS = 2
# the loss is looked at this often, and a trial that was not better for `PATIENCE_ROUNDS` is over
LOOK_ROUNDS = 10
PATIENCE_ROUNDS = 40
_WHOLE_STEPS = {"step_parts": 1}
_DAY_US = 86_400_000_000
_P_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class InnerFold:
    """Row numbers to learn from and to validate on, ascending."""

    train: RowNumbers
    validation: RowNumbers


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every trial shares: each row once, plain arrays, so that it lies in shared memory.

    Parameters
    ----------
    features : ndarray of shape (n, k), float32
        Rows before the first outer test block.
    direction : ndarray of shape (n,)
        1 up, 0 down, no NaN.
    day : ndarray of shape (n,), int64
        Day of each row's close, counted from 1970 in UTC.
    folds : tuple of InnerFold
        Earliest first.
    seed : int
        Seed of the estimator.
    nthread : int
        Threads of the estimator.
    """

    features: Features
    direction: Array
    day: npt.NDArray[np.int64]
    folds: tuple[InnerFold, ...]
    seed: int
    nthread: int

    def digest(self) -> str:
        """Return a SHA-256 of rows and folds: equal digests, comparable losses."""
        hashed = sha256(repr(self.features.shape).encode())
        for part in (self.features, self.direction, *(rows for fold in self.folds for rows in _parts(fold))):
            hashed.update(np.ascontiguousarray(part).data)
        return hashed.hexdigest()


def prepare(
    panel: Mapping[str, pd.DataFrame],
    *,
    config: TrainingConfig,
    news: PanelNews | None = None,
) -> Prepared:
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
    rows, _ = prepare_rows(panel, timeframe=config.timeframe, horizon=config.horizon, news=news)
    targets = pd.DatetimeIndex(rows.targets["target_time"])
    taken = rows.known(config.walk_forward().split(rows.closes, targets)[0].train)
    if not len(taken):
        raise InsufficientHistoryError("no row with a known direction lies before the first test block; backfill more")
    inner = WalkForward(
        n_folds=N_INNER_FOLDS,
        horizon=config.horizon,
        purge_candles=config.horizon,
        embargo_candles=config.embargo_candles,
        test_share=0.4,
    )
    folds = inner.split(rows.closes[taken], targets[taken])
    return Prepared(
        features=rows.lessons(taken, seed=config.seed),
        direction=rows.direction[taken],
        day=to_microseconds(rows.closes[taken]) // _DAY_US,
        folds=tuple(InnerFold(fold.train, fold.test) for fold in folds),
        seed=config.seed,
        nthread=config.nthread,
    )


@dataclass(frozen=True, slots=True)
class Matrices:
    """The rows of one inner fold as XGBoost wants them; any number of trials may use them."""

    train: xgb.QuantileDMatrix
    validation: xgb.DMatrix
    validated: RowNumbers

    @classmethod
    def of(cls, prepared: Prepared) -> "tuple[Matrices, ...]":
        """Return the matrices of every fold."""
        settings = learner_settings({}, seed=prepared.seed, nthread=prepared.nthread)
        return tuple(cls._of_fold(prepared, fold=fold, settings=settings) for fold in prepared.folds)

    @classmethod
    def _of_fold(cls, prepared: Prepared, *, fold: InnerFold, settings: Mapping[str, float | str]) -> "Matrices":
        train = binned(prepared.features[fold.train], prepared.direction[fold.train], settings=settings)
        validation = xgb.DMatrix(prepared.features[fold.validation], nthread=prepared.nthread)
        return cls(train, validation, fold.validation)


class InnerFit:
    """One set of parameters, boosted on all inner folds in step.

    Parameters
    ----------
    prepared : Prepared
        From `prepare`.
    params : mapping
        Parameters that differ from the defaults; `rounds` are not used, `max_bin` is the default's. A step
        is one tree, into however many parts a model's is cut: that smooths all sets alike, and takes longer.
    matrices : tuple of Matrices, optional
        Of `prepared`, where they are made already.

    Attributes
    ----------
    rounds : int
        Rounds done.
    best_rounds : int
        Rounds after which the loss was lowest, 0 before the first look.
    best_loss : float
        Mean validation log loss in nats at that point; 0.6931 is a coin, infinity before the first look.

    Raises
    ------
    InvalidRequestError
        When a parameter is unknown.
    """

    def __init__(
        self, prepared: Prepared, params: Mapping[str, float], *, matrices: tuple[Matrices, ...] | None = None
    ) -> None:
        self._prepared = prepared
        self._matrices = Matrices.of(prepared) if matrices is None else matrices
        settings = learner_settings({**params, **_WHOLE_STEPS}, seed=prepared.seed, nthread=prepared.nthread)
        self._boosters = [xgb.Booster(dict(settings), [part.train, part.validation]) for part in self._matrices]
        self.rounds, self.best_rounds, self.best_loss = 0, 0, float("inf")

    @property
    def finished(self) -> bool:
        """Tell whether further rounds are of no use: no gain for long, or `MAX_ROUNDS` done."""
        return self.rounds >= MAX_ROUNDS or self.rounds - self.best_rounds >= PATIENCE_ROUNDS

    def advance(self, rounds: int, *, look_rounds: int = LOOK_ROUNDS) -> None:
        """Boost up to `rounds` more, looking at the loss every `look_rounds`, until finished."""
        goal = min(self.rounds + rounds, MAX_ROUNDS)
        while self.rounds < goal and not self.finished:
            self._boost(min(look_rounds, goal - self.rounds))
            loss = float(np.mean([log_loss(p, actual) for p, actual in self._forecasts()]))
            if loss < self.best_loss:
                self.best_rounds, self.best_loss = self.rounds, loss

    def row_losses(self) -> Array:
        """Return the log loss of every validated row after the rounds done, fold by fold."""
        return np.concatenate([_row_losses(p, actual) for p, actual in self._forecasts()])

    def _boost(self, rounds: int) -> None:
        for booster, part in zip(self._boosters, self._matrices, strict=True):
            for number in range(self.rounds, self.rounds + rounds):
                booster.update(part.train, number)
        self.rounds += rounds

    def _forecasts(self) -> list[tuple[Array, Array]]:
        pairs = zip(self._boosters, self._matrices, strict=True)
        return [
            (np.asarray(booster.predict(part.validation), np.float64), self._prepared.direction[part.validated])
            for booster, part in pairs
        ]


def weigh(prepared: Prepared, params: Mapping[str, float], *, n_trials: int) -> Deflated:
    """Return what is left of a winner's gain on the default parameters after luck is taken off.

    Parameters
    ----------
    prepared : Prepared
        What the trials were scored on.
    params : mapping
        The winner, rounds included.
    n_trials : int
        Sets of parameters that were tried besides the defaults.
    """
    matrices = Matrices.of(prepared)
    losses = [_losses(prepared, matrices, tried) for tried in ({}, params)]
    days = np.concatenate([prepared.day[fold.validation] for fold in prepared.folds])
    return deflate(losses[0] - losses[1], days=days, n_trials=n_trials)


def _losses(prepared: Prepared, matrices: tuple[Matrices, ...], params: Mapping[str, float]) -> Array:
    fit, rounds = InnerFit(prepared, params, matrices=matrices), int(resolve_params(params)["rounds"])
    fit.advance(rounds, look_rounds=rounds)
    return fit.row_losses()


def _row_losses(p_up: Array, direction: Array) -> Array:
    happened: Array = np.maximum(np.where(direction > 0.5, p_up, 1.0 - p_up), _P_FLOOR)
    losses: Array = -np.log(happened)
    return losses


def _parts(fold: InnerFold) -> tuple[RowNumbers, RowNumbers]:
    return fold.train, fold.validation
