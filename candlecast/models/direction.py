"""One trained model: direction, certainty, volatility, and the facts of its birth."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from candlecast.models.algorithms import DEFAULT_ALGORITHM, Estimator
from candlecast.models.calibration import Calibration
from candlecast.models.estimators import Array
from candlecast.models.interval_choice import IntervalChoice
from candlecast.models.intervals import LEVELS, Reach
from candlecast.models.novelty import Novelty
from candlecast.models.quantiles import Quantiles
from candlecast.models.volatility import Volatility


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model was trained on and how.

    Parameters
    ----------
    timeframe, horizon
        What it forecasts: closes `horizon` candles of `timeframe` ahead.
    symbols : tuple of str
        Symbols it learned from.
    feature_names : tuple of str
        Columns of the feature table, in order.
    params : dict
        Parameters of the estimator.
    seed : int
        Seed of the estimator.
    data_start, data_end : datetime
        First and last close that it learned from, calibration included; aware UTC.
    scored_by : tuple of str
        Engine and version whose scores its news columns were made of, and must be made of when it
        is asked; empty: it takes no news.
    algorithm : str
        Which of `ALGORITHMS` says the direction.
    """

    timeframe: str
    horizon: int
    symbols: tuple[str, ...]
    feature_names: tuple[str, ...]
    params: dict[str, float]
    seed: int
    data_start: datetime
    data_end: datetime
    scored_by: tuple[str, ...] = ()
    algorithm: str = DEFAULT_ALGORITHM

    @property
    def takes_news(self) -> bool:
        """Return whether news columns are among its features."""
        return bool(self.scored_by)


@dataclass(frozen=True, slots=True)
class DirectionModel:
    """A trained model; its methods may be called from many threads.

    Parameters
    ----------
    facts : ModelFacts
        What it was trained on.
    estimator : Estimator
        Log odds of up.
    calibration : Calibration
        Log odds to P(up).
    volatility : Volatility
        Scale of the log return.
    reach : Reach
        Reaches of each level on the calibration slice.
    novelty : Novelty
        What is too unlike training to take a side on.
    quantiles : Quantiles or None
        Ends of the intervals in volatilities; None: one volatility to each side.
    interval_choice : IntervalChoice
        Why these intervals.
    """

    facts: ModelFacts
    estimator: Estimator
    calibration: Calibration
    volatility: Volatility
    reach: Reach
    novelty: Novelty
    quantiles: Quantiles | None = None
    interval_choice: IntervalChoice = field(default_factory=IntervalChoice)

    def p_up(self, features: npt.NDArray[np.floating]) -> Array:
        """Return P(up) of each row of the feature table, shape (n,)."""
        return self.calibration.p_up(self.estimator.margins(features.astype(np.float32)))

    @property
    def n_spans(self) -> int:
        """Return how many numbers `spans` says of a row."""
        return 1 if self.quantiles is None else 2 * len(LEVELS)

    def spans(self, features: npt.NDArray[np.floating]) -> Array:
        """Return what intervals are made of, in log returns, see `ends`; NaN in warm-up.

        Only own columns of the symbol are read. Shape (n, 1), or (n, 2 * len(LEVELS)) with quantiles.
        """
        sigma = self.volatility.sigma(features)[:, np.newaxis]
        return sigma if self.quantiles is None else sigma * self.quantiles.distances(features)

    def contributions(self, features: npt.NDArray[np.floating]) -> Array:
        """Return each feature's push on the calibrated log odds, shape (n, k), see `Estimator.contributions`."""
        return self.calibration.slope * self.estimator.contributions(features.astype(np.float32))
