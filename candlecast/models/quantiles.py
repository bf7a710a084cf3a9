"""Where may the close lie, in volatilities? Boosted quantiles of the return, sides apart.

A volatility says how wide an interval must be on average; how much more is needed far out, or on the
side a market falls to, differs from row to row as well. The quantiles are learned in units of the
volatility, which then has nothing left to say but that.
"""

import json
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from candlecast.models.estimators import Array, BoostedTrees, Features, fit_booster
from candlecast.models.intervals import LEVELS
from candlecast.models.spans import KNOTS
from candlecast.models.volatility import Effort, own_features

ROUNDS = 40
TREE_SETTINGS: dict[str, float | str] = {
    "learning_rate": 0.1,
    "max_depth": 5,
    "subsample": 0.5,
    "colsample_bytree": 0.5,
    "max_bin": 64,
    "objective": "reg:quantileerror",
    "quantile_alpha": json.dumps([round(0.5 + side * level / 2, 4) for side in (-1, 1) for level in LEVELS]),
    "tree_method": "hist",
    "verbosity": 0,
}
_LEAF_ROWS = 300
# ends that cross, or lie on the wrong side of the last close, are moved so far apart
_LEAST_SPAN, _LEAST_GROWTH = 0.02, 1.02


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Ends of each of `LEVELS`, below and above the last close; safe to call from many threads.

    Parameters
    ----------
    trees : BoostedTrees
        The quantiles, in volatilities, from the columns `OWN_FEATURES`: the lower ends of `LEVELS`,
        then the upper ones.
    """

    trees: BoostedTrees

    @classmethod
    def fit(cls, features: Features, *, ratio: Array, horizon: int, effort: Effort | None = None) -> Self:
        """Fit the trees by the quantile loss.

        Parameters
        ----------
        features : ndarray of shape (n, at least len(FEATURE_NAMES)), float32
            Rows of the feature table; only own columns of the symbol are read.
        ratio : ndarray of shape (n,)
            Log return over the horizon, in volatilities; rows with NaN are left out.
        horizon : int
            Candles ahead.
        effort : Effort or None
            What the trees may cost; None: the defaults.
        """
        effort = effort or Effort()
        known = np.flatnonzero(np.isfinite(ratio))
        some = known[np.linspace(0, len(known) - 1, min(effort.max_rows, len(known))).astype(np.int64)]
        # rows that share an outcome count as one
        settings = TREE_SETTINGS | {"min_child_weight": _LEAF_ROWS * horizon}
        settings |= {"seed": effort.seed, "nthread": effort.nthread}
        own = own_features(features[some])
        return cls(BoostedTrees(fit_booster(own, ratio[some], settings=settings, rounds=ROUNDS)))

    def distances(self, features: npt.NDArray[np.floating]) -> Array:
        """Return how far the ends lie from the last close, in volatilities.

        Returns
        -------
        ndarray of shape (n, 2 * len(LEVELS))
            Below, ascending, then above; above 0. A row in warm-up has numbers that say nothing.
        """
        said = np.sort(self.trees.margins(own_features(features)), axis=1)
        below, above = -said[:, len(LEVELS) - 1 :: -1], said[:, len(LEVELS) :]
        return np.hstack([_ascending(below), _ascending(above)])


def _ascending(side: Array) -> Array:
    found = np.maximum(side, _LEAST_SPAN * np.array(KNOTS))
    for place in range(1, found.shape[1]):
        found[:, place] = np.maximum(found[:, place], _LEAST_GROWTH * found[:, place - 1])
    return found
