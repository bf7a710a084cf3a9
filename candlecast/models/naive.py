"""Which way will the close go? As often up as it was after a candle like the newest one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from candlecast.features.table import FEATURE_NAMES
from candlecast.models.estimators import Array, Features

_NEWEST = FEATURE_NAMES.index("return_1")


@dataclass(frozen=True, slots=True)
class LastDirection:
    """The naive estimator: the share of ups in training after a rise and after a fall.

    Parameters
    ----------
    n_features : int
        Columns of the feature table.
    after_rise, after_fall, always : float
        Log odds of up after either, and over all rows, where the newest return is missing.
    """

    n_features: int
    after_rise: float
    after_fall: float
    always: float

    @classmethod
    def fit(
        cls, features: Features, direction: Array, *, params: Mapping[str, float], seed: int, nthread: int
    ) -> "LastDirection":
        """Count, see `Forest.fit`; it takes no parameter and draws nothing."""
        newest = features[:, _NEWEST]
        return cls(
            features.shape[1],
            _log_odds(direction[newest > 0]),
            _log_odds(direction[newest <= 0]),
            _log_odds(direction),
        )

    @classmethod
    def load(cls, content: bytes) -> "LastDirection":
        """Read what `dump` wrote."""
        return cls(**json.loads(content))

    def margins(self, features: Features) -> Array:
        """Return the log odds of up, shape (n,)."""
        newest = features[:, _NEWEST]
        said = np.where(newest > 0, self.after_rise, self.after_fall)
        return np.where(np.isnan(newest), self.always, said)

    def contributions(self, features: Features) -> Array:
        """Return the push of the newest return from the log odds over all rows, shape (n, k)."""
        pushes = np.zeros((len(features), self.n_features))
        pushes[:, _NEWEST] = self.margins(features) - self.always
        return pushes

    def gain(self) -> Array:
        """Return 1 for the newest return, the only feature that it looks at, shape (k,)."""
        gain = np.zeros(self.n_features)
        gain[_NEWEST] = 1.0
        return gain

    def dump(self) -> bytes:
        """Return its numbers as JSON."""
        return json.dumps(asdict(self), sort_keys=True).encode()


def _log_odds(direction: Array) -> float:
    # one rise and one fall more than seen, so that nothing is ever certain
    n_up = float(direction.sum()) + 1.0
    return float(np.log(n_up / (len(direction) + 2.0 - n_up)))
