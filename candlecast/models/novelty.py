"""Has the model seen anything like this row? How many features lie outside what it was trained on."""

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from candlecast.models.estimators import Array

MAX_ROWS = 20_000
MIN_LIMIT = 0.1
OUTER_SHARE = 0.001
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Novelty:
    """The range of each feature in training, and how much may lie outside.

    Parameters
    ----------
    low, high : tuple of float
        Bounds of each feature that left out `OUTER_SHARE` of the training rows on either side; NaN
        where the feature was never known.
    limit : float
        Share of the known features outside their bounds from which on a row is unlike training.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    limit: float

    @classmethod
    def fit(cls, train: npt.NDArray[np.floating], *, later: npt.NDArray[np.floating]) -> Self:
        """Take the bounds from training rows and the limit from rows later than those.

        Parameters
        ----------
        train : ndarray of shape (n, k)
            Rows that the model learned from; at most `MAX_ROWS`, spread evenly, are read.
        later : ndarray of shape (m, k)
            Rows of the calibration slice: all but `OUTER_SHARE` of them are within the limit, which
            is `MIN_LIMIT` at least.
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="All-NaN slice", category=RuntimeWarning)
            bounds = np.nanquantile(_thinned(train).astype(np.float64), [OUTER_SHARE, 1.0 - OUTER_SHARE], axis=0)
        low, high = (tuple(float(bound) for bound in side) for side in bounds)
        shares = cls(low, high, MIN_LIMIT).shares(_thinned(later))
        usual = float(np.quantile(shares, 1.0 - OUTER_SHARE)) if len(shares) else 0.0
        return cls(low, high, max(MIN_LIMIT, usual))

    def shares(self, features: npt.NDArray[np.floating]) -> Array:
        """Return the share of known features outside their bounds, 0 to 1, shape (n,); missing ones do not count."""
        outside = (features < np.array(self.low)) | (features > np.array(self.high))
        known = np.isfinite(features) & np.isfinite(self.low)
        return np.asarray((outside & known).sum(axis=1) / np.maximum(known.sum(axis=1), 1), dtype=np.float64)

    def objection(self, row: npt.NDArray[np.floating], *, names: tuple[str, ...]) -> str | None:
        """Return why one row, shape (k,), is too unlike training to take a side on; None: it is not.

        The sentence names the features furthest outside, in widths of their bounds.
        """
        share = float(self.shares(row[np.newaxis])[0])
        if share <= self.limit:
            return None
        excess = self._excess(row)
        furthest = [names[place] for place in np.argsort(-excess, kind="stable")[:_NAMED] if excess[place] > 0.0]
        return (
            f"{share:.0%} of the features lie outside what the model was trained on ({', '.join(furthest)} furthest), "
            f"more than the {self.limit:.0%} it was tried on: the market is unlike its past"
        )

    def _excess(self, row: npt.NDArray[np.floating]) -> Array:
        low, high = np.array(self.low), np.array(self.high)
        beyond = np.maximum(low - row, row - high)
        width = np.maximum(high - low, np.finfo(np.float64).tiny)
        # a feature that never moved in training has no width: then anything is infinitely far
        with np.errstate(over="ignore"):
            excess = beyond / width
        return np.asarray(np.nan_to_num(excess, posinf=np.finfo(np.float64).max), dtype=np.float64)


def _thinned(features: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return features[:: max(1, -(-len(features) // MAX_ROWS))]
