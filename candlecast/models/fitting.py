"""How is one model made from rows? Learn from the older part, calibrate on the newer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.evaluation.walk_forward import WalkForward
from candlecast.features.targets import volatility_span_candles
from candlecast.market.calendars import to_microseconds
from candlecast.models.algorithms import DEFAULT_ALGORITHM, Estimator, algorithm_of
from candlecast.models.calibration import Calibration
from candlecast.models.direction import DirectionModel, ModelFacts
from candlecast.models.interval_choice import Slice, choose_intervals
from candlecast.models.intervals import Reach
from candlecast.models.novelty import Novelty
from candlecast.models.rows import PanelRows, RowNumbers
from candlecast.models.spans import conformity
from candlecast.models.volatility import MAX_ROWS, Effort, Volatility


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
        Parameters of the estimator that differ from its defaults.
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
    algorithm : str
        Which of `ALGORITHMS` says the direction.
    train_candles : int or None
        Rolling walk-forward: candles that each fold learns from; None: all before it.
    weigh_features : bool
        Measure on the test parts what is lost without each feature; costs seconds.
    volatility_rows : int
        Rows, spread evenly, that the trees of the volatility learn from; fewer take less time.
    learn_quantiles : bool
        Try learned quantiles as intervals, and keep them where they prove better.

    Raises
    ------
    InvalidRequestError
        When the algorithm or one of its parameters is unknown.
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
    algorithm: str = DEFAULT_ALGORITHM
    train_candles: int | None = None
    weigh_features: bool = True
    volatility_rows: int = MAX_ROWS
    learn_quantiles: bool = True

    def __post_init__(self) -> None:
        self.resolved()

    def resolved(self) -> dict[str, float]:
        """Return every parameter of the estimator."""
        return algorithm_of(self.algorithm).resolve(self.params)

    def walk_forward(self) -> WalkForward:
        """Return the outer walk-forward, which judges."""
        return WalkForward(
            n_folds=self.n_folds,
            horizon=self.horizon,
            purge_candles=self.horizon,
            embargo_candles=self.embargo_candles,
            test_share=self.test_share,
            test_start=self.test_start,
            train_candles=self.train_candles,
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
    InvalidRequestError
        When all closes went the same way.
    """
    old, new = slices(rows, train=rows.known(train), config=config)
    estimator = fit_estimator(rows, train=old, config=config)
    volatility = _fit_volatility(rows, old=old, config=config)
    model = DirectionModel(
        facts=_facts(rows, train=train, config=config),
        estimator=estimator,
        calibration=calibrate(rows, estimator, newest=new, horizon=config.horizon),
        volatility=volatility,
        reach=Reach.of(np.empty(0)),
        novelty=Novelty.fit(rows.features[old], later=rows.features[new]),
    )
    if config.learn_quantiles:
        data = Slice(rows, old, new, config.timeframe, config.horizon)
        quantiles, choice = choose_intervals(data, volatility=volatility, effort=_effort(config))
        model = replace(model, quantiles=quantiles, interval_choice=choice)
    scores = conformity(rows.column("log_return")[new], model.spans(rows.features[new]))
    return replace(model, reach=Reach.of(scores))


def fit_estimator(rows: PanelRows, *, train: RowNumbers, config: TrainingConfig) -> Estimator:
    """Fit the estimator of the direction alone on `train`, rows of a known direction.

    Raises
    ------
    InvalidRequestError
        When all closes went the same way.
    """
    direction = rows.direction[train]
    if direction.min() == direction.max():
        way = "rose" if direction[0] else "fell or stayed"
        raise InvalidRequestError(
            f"all {len(train):,} closes of {', '.join(rows.names)} that could be learned from {way}: there is nothing "
            "to tell apart; give a longer history or other symbols"
        )
    learn = algorithm_of(config.algorithm).fit
    lessons = rows.lessons(train, seed=config.seed)
    return learn(lessons, direction, params=config.resolved(), seed=config.seed, nthread=config.nthread)


def calibrate(rows: PanelRows, estimator: Estimator, *, newest: RowNumbers, horizon: int) -> Calibration:
    """Return how sure `estimator` may sound, judged by rows that it did not learn from."""
    return Calibration.fit(estimator.margins(rows.features[newest]), rows.direction[newest], overlap=horizon)


def settled_volatility(panel: PanelRows, *, rows: RowNumbers, horizon: int) -> RowNumbers:
    """Return those of `rows` whose `range_volatility` was known by the last target among them.

    That target looks further ahead than the direction, so a purge of the horizon is too short for it.
    """
    grid, place = np.unique(to_microseconds(panel.closes[rows]), return_inverse=True)
    return rows[place < len(grid) - volatility_span_candles(horizon) + horizon]


def _fit_volatility(rows: PanelRows, *, old: RowNumbers, config: TrainingConfig) -> Volatility:
    old = settled_volatility(rows, rows=old, horizon=config.horizon)
    if not len(old):
        raise InsufficientHistoryError(
            f"no candle of {', '.join(rows.names)} has the {volatility_span_candles(config.horizon)} candles after it "
            "that the volatility is learned from: give a longer history or a shorter horizon"
        )
    return Volatility.fit(
        rows.features[old],
        range_volatility=rows.column("range_volatility")[old],
        log_return=rows.column("log_return")[old],
        horizon=config.horizon,
        effort=_effort(config),
    )


def _effort(config: TrainingConfig) -> Effort:
    return Effort(config.volatility_rows, config.seed, config.nthread)


def slices(rows: PanelRows, *, train: RowNumbers, config: TrainingConfig) -> tuple[RowNumbers, RowNumbers]:
    """Cut `train`, rows of a known direction, into those to learn from and the newest, to calibrate on.

    Raises
    ------
    InsufficientHistoryError
        When they are too few.
    """
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
        params=config.resolved(),
        seed=config.seed,
        data_start=closes.min().to_pydatetime(),
        data_end=closes.max().to_pydatetime(),
        scored_by=rows.scored_by,
        algorithm=config.algorithm,
    )
