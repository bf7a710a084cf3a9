"""How sure is a figure? Its 95 % interval, when whole days are drawn again with replacement.

Rows of one day share their market, across symbols too: drawing rows would make every interval too
narrow (block bootstrap, Künsch 1989; blocks do not overlap).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.metrics import Array
from candlecast.market.calendars import to_microseconds

Bounds = tuple[float, float]
UNKNOWN: Bounds = (float("nan"), float("nan"))
N_RESAMPLES = 300
MIN_BLOCKS = 10
_TAILS = (0.025, 0.975)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class DayBlocks:
    """Blocks of whole UTC days, and how often each is drawn.

    Parameters
    ----------
    place : ndarray of shape (n,)
        Block of each row.
    draws : ndarray of shape (n_resamples, n_blocks)
        How often each resample holds each block.
    """

    place: npt.NDArray[np.int64]
    draws: Array

    @classmethod
    def of(
        cls, closes: pd.DatetimeIndex, *, target_span_s: float, n_resamples: int = N_RESAMPLES, seed: int = 7
    ) -> Self:
        """Cut rows into blocks at least twice as long as their targets reach.

        Parameters
        ----------
        closes : DatetimeIndex of shape (n,)
            When each row's forecast was made, in any order.
        target_span_s : float
            Seconds from a forecast to its target.
        n_resamples : int
            Draws to make.
        seed : int
            The same seed gives the same intervals.
        """
        days = max(1, int(np.ceil(2.0 * target_span_s * 1e6 / _DAY_US)))
        _, place = np.unique(to_microseconds(closes) // (days * _DAY_US), return_inverse=True)
        n_blocks = int(place.max()) + 1 if len(place) else 0
        rng = np.random.default_rng(seed)
        chances = np.full(n_blocks, 1.0 / max(1, n_blocks))
        draws = rng.multinomial(n_blocks, chances, size=n_resamples) if n_blocks else np.zeros((n_resamples, 0))
        return cls(place, draws.astype(np.float64))

    def take(self, rows: npt.NDArray[np.bool_]) -> "DayBlocks":
        """Return the blocks of some rows, drawn as before."""
        return DayBlocks(self.place[rows], self.draws)

    def mean(self, values: Array) -> Bounds:
        """Return the bounds of a mean of values of shape (n,); NaN is left out."""
        known = np.isfinite(values)
        return self.ratio(np.where(known, values, 0.0), known.astype(np.float64))

    def ratio(self, numerator: Array, denominator: Array) -> Bounds:
        """Return the bounds of one sum over another, both of finite values of shape (n,).

        NaN where fewer than `MIN_BLOCKS` blocks have a denominator: too few days to draw from.
        """
        if len(np.unique(self.place[denominator > 0.0])) < MIN_BLOCKS:
            return UNKNOWN
        above, below = self._sums(numerator), self._sums(denominator)
        with np.errstate(divide="ignore", invalid="ignore"):
            return _bounds(above / below)

    def mean_over_deviation(self, values: Array) -> Bounds:
        """Return the bounds of the mean of finite values of shape (n,) over their standard deviation.

        NaN where there are fewer than `MIN_BLOCKS` blocks.
        """
        if len(np.unique(self.place)) < MIN_BLOCKS:
            return UNKNOWN
        n, total, squares = (self._sums(part) for part in (np.ones(len(values)), values, np.square(values)))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total / n
            return _bounds(mean / np.sqrt((squares - n * mean**2) / (n - 1.0)))

    def correlation(self, left: Array, right: Array) -> Bounds:
        """Return the bounds of a rank correlation; ranks are taken once, rows with NaN are left out."""
        known = np.isfinite(left) & np.isfinite(right)
        x, y = (_ranks(np.where(known, side, np.nan)) for side in (left, right))
        n = np.maximum(self._sums(known.astype(np.float64)), 1.0)
        mean_x, mean_y, xx, yy, xy = (self._sums(part) / n for part in (x, y, x * x, y * y, x * y))
        with np.errstate(divide="ignore", invalid="ignore"):
            return _bounds((xy - mean_x * mean_y) / np.sqrt((xx - mean_x**2) * (yy - mean_y**2)))

    def auc(self, score: Array, direction: Array) -> Bounds:
        """Return the bounds of the area under the ROC curve; ties count half.

        Parameters
        ----------
        score, direction : ndarray of shape (n,)
            Finite; direction is 1 up, 0 down.
        """
        if not len(score):
            return UNKNOWN
        order = np.argsort(score, kind="stable")
        place, ups = self.place[order], direction[order] > 0.5
        starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
        return _bounds(np.array([_weighted_auc(drawn[place], ups, starts) for drawn in self.draws]))

    def _sums(self, values: Array) -> Array:
        sums = np.bincount(self.place, weights=values, minlength=self.draws.shape[1])
        return np.asarray(self.draws @ sums, dtype=np.float64)


def _ranks(values: Array) -> Array:
    return np.asarray(pd.Series(values).rank().fillna(0.0), dtype=np.float64)


def _weighted_auc(weight: Array, ups: npt.NDArray[np.bool_], starts: npt.NDArray[np.int64]) -> float:
    up = np.add.reduceat(np.where(ups, weight, 0.0), starts)
    down = np.add.reduceat(np.where(ups, 0.0, weight), starts)
    pairs = up.sum() * down.sum()
    return float(up @ (np.cumsum(down) - 0.5 * down) / pairs) if pairs > 0 else float("nan")


def _bounds(found: Array) -> Bounds:
    known = found[np.isfinite(found)]
    if not len(known):
        return UNKNOWN
    low, high = np.quantile(known, _TAILS)
    return float(low), float(high)
