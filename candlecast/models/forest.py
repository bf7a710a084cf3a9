"""Which way will the close go? A random forest on the feature table (Breiman 2001)."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candlecast.models.estimators import Array, Features

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

DEFAULT_PARAMS: dict[str, float] = {
    "trees": 120,
    "max_depth": 9,
    "min_leaf_rows": 100,
    "features_per_split": 8,
    "rows_per_tree": 20_000,
}
WHOLE_PARAMS = tuple(DEFAULT_PARAMS)
_P_FLOOR = 1e-3


@dataclass(frozen=True, slots=True)
class Forest:
    """A random forest as an estimator of the direction; missing values go the way that splits best.

    Parameters
    ----------
    trees : RandomForestClassifier
        Fitted on 0 and 1.
    """

    trees: "RandomForestClassifier"

    @classmethod
    def fit(
        cls, features: Features, direction: Array, *, params: Mapping[str, float], seed: int, nthread: int
    ) -> "Forest":
        """Fit `trees` trees, each on `rows_per_tree` rows drawn with replacement.

        Parameters
        ----------
        features : ndarray of shape (n, k), float32
            Rows of the feature table, NaN where missing.
        direction : ndarray of shape (n,)
            1 up, 0 down, both present.
        params : mapping
            All of `DEFAULT_PARAMS`.
        seed, nthread : int
            Seed of the draws; threads.
        """
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            n_estimators=int(params["trees"]),
            max_depth=int(params["max_depth"]),
            min_samples_leaf=int(params["min_leaf_rows"]),
            max_features=min(int(params["features_per_split"]), features.shape[1]),
            max_samples=min(int(params["rows_per_tree"]), len(features)),
            random_state=seed,
            n_jobs=nthread,
        )
        forest.fit(features, direction)
        forest.n_jobs = 1
        return cls(forest)

    @classmethod
    def load(cls, content: bytes) -> "Forest":
        """Read what `dump` wrote; joblib runs what it reads, so the digest must have matched."""
        import joblib

        return cls(joblib.load(io.BytesIO(content)))

    def margins(self, features: Features) -> Array:
        """Return the log odds of the mean P(up) of the trees, shape (n,)."""
        return _log_odds(np.asarray(self.trees.predict_proba(features)[:, 1], dtype=np.float64))

    def contributions(self, features: Features) -> Array:
        """Return each feature's push on the log odds, shape (n, k).

        On the way from root to leaf each split moves P(up), and the move is its feature's (Saabas
        2014); the sum is then stretched from probability to log odds, one factor a row.
        """
        pushes = np.zeros(features.shape)
        for tree in self.trees.estimators_:
            _add_moves(pushes, tree, features)
        pushes /= len(self.trees.estimators_)
        start = float(np.mean([tree.tree_.value[0, 0, 1] for tree in self.trees.estimators_]))
        moved = pushes.sum(axis=1)
        ends = _log_odds(start + moved) - _log_odds(np.array([start]))
        curve = 1.0 / (start * (1.0 - start))
        factor = np.where(np.abs(moved) > 1e-9, ends / np.where(moved == 0.0, 1.0, moved), curve)
        return np.asarray(pushes * factor[:, None], dtype=np.float64)

    def gain(self) -> Array:
        """Return each feature's share of the impurity that all splits removed, shape (k,)."""
        return np.asarray(self.trees.feature_importances_, dtype=np.float64)

    def dump(self) -> bytes:
        """Return the forest as joblib writes it."""
        import joblib

        file = io.BytesIO()
        joblib.dump(self.trees, file, compress=3)
        return file.getvalue()


def _add_moves(pushes: Array, tree: "RandomForestClassifier", features: Features) -> None:
    # children have higher numbers than their parents, so a row's nodes lie in the order of its way
    ways = tree.decision_path(features)
    nodes, splits = ways.indices, tree.tree_.feature
    rows = np.repeat(np.arange(len(features)), np.diff(ways.indptr))
    p_up = tree.tree_.value[:, 0, 1]
    onward = rows[1:] == rows[:-1]
    moves = p_up[nodes[1:]] - p_up[nodes[:-1]]
    np.add.at(pushes, (rows[:-1][onward], splits[nodes[:-1]][onward]), moves[onward])


def _log_odds(p_up: Array) -> Array:
    p = np.clip(p_up, _P_FLOOR, 1.0 - _P_FLOOR)
    return np.asarray(np.log(p / (1.0 - p)), dtype=np.float64)
