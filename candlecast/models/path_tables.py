"""What did each feature push, exactly and fast? Shapley values of boosted trees, from tables made once.

A leaf is reached when every feature on its path lies in an interval. Which of them do is a pattern
of at most as many bits as the tree is deep, and the Shapley values of a leaf depend on nothing else:
they are computed for every pattern when a model is loaded, and looked up for every row (the tables
of Fast TreeSHAP v2, Yang 2021). The values are those of TreeSHAP (Lundberg 2020) with the trees'
own covers as background, as XGBoost computes them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import xgboost as xgb

Features = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

MAX_PATH = 8
# so many rows at once stay in the processor's cache
_ROWS = 64

# feature, from, below, whether a missing value passes
Interval = tuple[int, float, float, bool]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One leaf: its value, the intervals of its path, and the share of the cover that passes each."""

    value: float
    intervals: tuple[Interval, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PathTables:
    """The leaves of all trees with an interval at least, grouped by the length of their paths.

    Parameters
    ----------
    n_features : int
        Columns of a row.
    features, low, high, passes : ndarray of shape (u,)
        The distinct intervals: column, lower bound, upper bound (exclusive), whether NaN passes.
    tests : tuple of ndarray of shape (n_leaves, length)
        Of each group: which intervals make each leaf's pattern.
    pair_leaf, pair_base : ndarray of shape (p,)
        Of each leaf and interval, sorted by feature: the leaf's place among all, and where its
        values begin in `values`.
    values : ndarray, float32
        Shapley values by pattern.
    starts, owners : ndarray
        Where each feature's pairs begin, and which feature it is.
    """

    n_features: int
    features: Places
    low: Features
    high: Features
    passes: npt.NDArray[np.bool_]
    tests: tuple[Places, ...]
    pair_leaf: Places
    pair_base: Places
    values: Features
    starts: Places
    owners: Places

    @classmethod
    def of(cls, booster: xgb.Booster) -> "PathTables | None":
        """Make the tables; None where a path is longer than `MAX_PATH`, and they would be too large."""
        model = orjson.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
        leaves = [leaf for tree in model["trees"] for leaf in _leaves(tree) if leaf.intervals]
        if any(len(leaf.intervals) > MAX_PATH for leaf in leaves):
            return None
        return _tables(sorted(leaves, key=lambda leaf: len(leaf.intervals)), booster.num_features())

    def contributions(self, features: Features) -> Array:
        """Return each feature's push on the margin, shape (n, n_features)."""
        found = np.zeros((len(features), self.n_features))
        if len(self.owners):
            for first in range(0, len(features), _ROWS):
                found[first : first + _ROWS, self.owners] = self._block(features[first : first + _ROWS]).T
        return found

    def _block(self, rows: Features) -> Array:
        # rows lie behind one another in memory: what is picked for one is picked for all
        columns = np.ascontiguousarray(rows.T).take(self.features, axis=0)
        low, high, missing = self.low[:, np.newaxis], self.high[:, np.newaxis], self.passes[:, np.newaxis]
        passed = ((columns >= low) & (columns < high)) | (np.isnan(columns) & missing)
        bits = passed.view(np.uint8)
        patterns = np.concatenate([_patterns(bits, tests) for tests in self.tests])
        places = patterns.astype(np.intp).take(self.pair_leaf, axis=0)
        places += self.pair_base[:, np.newaxis]
        values = self.values.take(places, mode="wrap")
        parts = np.split(values, self.starts[1:])
        return np.array([part.sum(axis=0, dtype=np.float64) for part in parts])


@lru_cache(maxsize=16)
def path_tables(booster: xgb.Booster) -> PathTables | None:
    """Return the tables of a booster, made once; see `PathTables.of`."""
    return PathTables.of(booster)


def _patterns(bits: npt.NDArray[np.uint8], tests: Places) -> npt.NDArray[np.uint8]:
    found = bits.take(tests[:, 0], axis=0)
    for place in range(1, tests.shape[1]):
        found |= bits.take(tests[:, place], axis=0) << np.uint8(place)
    return found


def _leaves(tree: dict[str, Any]) -> Iterator[_Leaf]:
    left, right, cover = tree["left_children"], tree["right_children"], tree["sum_hessian"]
    waiting: list[tuple[int, dict[int, tuple[Interval, float]]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if left[node] == -1:
            ends = tuple(path.values())
            yield _Leaf(tree["split_conditions"][node], tuple(e[0] for e in ends), tuple(e[1] for e in ends))
            continue
        feature, cut = tree["split_indices"][node], tree["split_conditions"][node]
        (_, low, high, passes), share = path.get(feature, ((feature, -math.inf, math.inf, True), 1.0))
        default_left = bool(tree["default_left"][node])
        for child, bounds, missing in (
            (left[node], (low, min(high, cut)), default_left),
            (right[node], (max(low, cut), high), not default_left),
        ):
            interval = (feature, *bounds, passes and missing)
            waiting.append((child, path | {feature: (interval, share * cover[child] / cover[node])}))


def _tables(leaves: Sequence[_Leaf], n_features: int) -> PathTables:
    numbers: dict[Interval, int] = {}
    for leaf in leaves:
        for interval in leaf.intervals:
            numbers.setdefault(interval, len(numbers))
    tests, values, bases, pair_features = [], [], [], []
    n_values = 0
    for length in sorted({len(leaf.intervals) for leaf in leaves}):
        group = [leaf for leaf in leaves if len(leaf.intervals) == length]
        tests.append(np.array([[numbers[interval] for interval in leaf.intervals] for leaf in group], dtype=np.int64))
        table = _shapley(np.array([leaf.value for leaf in group]), np.array([leaf.shares for leaf in group]))
        values.append(table.astype(np.float32).ravel())
        bases.append(n_values + np.arange(len(group) * length) * 2**length)
        pair_features.append(np.array([interval[0] for leaf in group for interval in leaf.intervals]))
        n_values += table.size
    every = np.concatenate([*pair_features, np.empty(0, dtype=np.int64)]).astype(np.int64)
    order = np.argsort(every, kind="stable")
    owners, starts = np.unique(every[order], return_index=True)
    lengths = [len(leaf.intervals) for leaf in leaves]
    columns, low, high, passes = (list(part) for part in zip(*numbers, strict=True)) if numbers else ([], [], [], [])
    return PathTables(
        n_features=n_features,
        features=np.array(columns, dtype=np.int64),
        low=np.array(low, dtype=np.float32),
        high=np.array(high, dtype=np.float32),
        passes=np.array(passes, dtype=np.bool_),
        tests=tuple(tests),
        pair_leaf=np.repeat(np.arange(len(leaves)), lengths)[order],
        pair_base=np.concatenate([*bases, np.empty(0, dtype=np.int64)])[order].astype(np.int64),
        values=np.concatenate([*values, np.empty(0, dtype=np.float32)]),
        starts=starts.astype(np.int64),
        owners=owners,
    )


def _shapley(value: Array, shares: Array) -> Array:
    """Return the Shapley values of n leaves, shape (n, length, 2**length), of paths of one length.

    The game of a leaf: a set of features is worth its value, times 1 or 0 for each feature in the
    set that passes or does not, times the share of the cover that passes for each that is not in it.
    """
    n, length = shares.shape
    passed = (np.arange(2**length)[:, np.newaxis] >> np.arange(length)) & 1
    sizes = np.arange(length)
    weights = np.array([1.0 / (length * math.comb(length - 1, int(size))) for size in sizes])
    found = np.empty((n, length, 2**length))
    for place in range(length):
        # coefficients by the size of the set, over the other features
        terms = np.zeros((n, 2**length, length))
        terms[..., 0] = 1.0
        for other in (one for one in range(length) if one != place):
            grown = terms * shares[:, other, np.newaxis, np.newaxis]
            grown[..., 1:] += terms[..., :-1] * passed[np.newaxis, :, other, np.newaxis]
            terms = grown
        gain = passed[np.newaxis, :, place] - shares[:, place, np.newaxis]
        found[:, place] = value[:, np.newaxis] * gain * (terms @ weights)
    return found
