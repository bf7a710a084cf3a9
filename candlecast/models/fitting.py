"""How is one model made from rows? Learn from the older part, calibrate on the newer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from candlecast.evaluation.walk_forward import WalkForward
from candlecast.models.calibration import Calibration
from candlecast.models.direction import DirectionModel, ModelFacts
from candlecast.models.estimators import fit_booster, learner_settings, margins, resolve_params
from candlecast.models.intervals import Reach, Volatility, conformity
from candlecast.models.rows import PanelRows, RowNumbers


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How to train.

    Parameters
    ----------
    timeframe : str
        Length of a candle, as ``1h``.
    horizon : int
        Candles ahead.
    n_folds : int
        Test blocks of the walk-forward.
    params : mapping
        Parameters of the estimator that differ from `DEFAULT_PARAMS`.
    seed : int
        Same data, seed and threads give the same model.
    nthread : int
        Threads of the estimator.
    embargo_candles : int
        Candles left out before each test block, beside a purge of `horizon`.
    calibration_share : float
        Newest share of training that calibrates instead.
    test_share : float
        Newest share of the history that the walk-forward tests.
    test_start : datetime or None
        First tested close, in place of `test_share`.
    """

    timeframe: str
    horizon: int = 1
    n_folds: int = 3
    params: Mapping[str, float] = field(default_factory=dict)
    seed: int = 7
    nthread: int = 2
    embargo_candles: int = 24
    calibration_share: float = 0.1
    test_share: float = 0.5
    test_start: datetime | None = None

    def walk_forward(self) -> WalkForward:
        """Return the outer walk-forward, which judges."""
        return WalkForward(
            n_folds=self.n_folds,
            horizon=self.horizon,
            purge_candles=self.horizon,
            embargo_candles=self.embargo_candles,
            test_share=self.test_share,
            test_start=self.test_start,
        )


def fit_model(rows: PanelRows, *, train: RowNumbers, config: TrainingConfig) -> DirectionModel:
    """Fit estimator and volatility on the older rows of `train`, calibrate on the newest.

    Parameters
    ----------
    rows : PanelRows
        All rows.
    train : ndarray of int64
        Rows that may be learned from; those with an unknown direction are left out.
    config : TrainingConfig
        How.

    Raises
    ------
    InsufficientHistoryError
        When the rows are too few for a calibration slice.
    """
    old, new = _slices(rows, train=rows.known(train), config=config)
    settings = learner_settings(config.params, seed=config.seed, nthread=config.nthread)
    rounds = int(resolve_params(config.params)["rounds"])
    booster = fit_booster(rows.features[old], rows.direction[old], settings=settings, rounds=rounds)
    volatility = _fit_volatility(rows, old=old, horizon=config.horizon)
    scores = conformity(rows.column("log_return")[new], volatility.sigma(rows.features[new]))
    return DirectionModel(
        facts=_facts(rows, train=train, config=config),
        booster=booster,
        calibration=Calibration.fit(margins(booster, rows.features[new]), rows.direction[new], overlap=config.horizon),
        volatility=volatility,
        reach=Reach.of(scores),
    )


def _fit_volatility(rows: PanelRows, *, old: RowNumbers, horizon: int) -> Volatility:
    return Volatility.fit(
        rows.features[old],
        range_volatility=rows.column("range_volatility")[old],
        log_return=rows.column("log_return")[old],
        horizon=horizon,
    )


def _slices(rows: PanelRows, *, train: RowNumbers, config: TrainingConfig) -> tuple[RowNumbers, RowNumbers]:
    inner = WalkForward(
        n_folds=1, horizon=config.horizon, purge_candles=config.horizon, test_share=config.calibration_share
    )
    targets = rows.targets["target_time"].iloc[train]
    (fold,) = inner.split(rows.closes[train], pd.DatetimeIndex(targets))
    return train[fold.train], train[fold.test]


def _facts(rows: PanelRows, *, train: RowNumbers, config: TrainingConfig) -> ModelFacts:
    closes = rows.closes[train]
    return ModelFacts(
        timeframe=config.timeframe,
        horizon=config.horizon,
        symbols=rows.names,
        feature_names=rows.feature_names,
        params=resolve_params(config.params),
        seed=config.seed,
        data_start=closes.min().to_pydatetime(),
        data_end=closes.max().to_pydatetime(),
        scored_by=rows.scored_by,
    )
