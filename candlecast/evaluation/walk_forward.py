"""Which rows may a model learn from, and which may then judge it?"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.market.calendars import to_microseconds, to_times

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fold:
    """One cutoff in time: rows to learn from, rows to be judged on.

    Parameters
    ----------
    number : int
        1 for the earliest.
    cutoff : datetime
        First close of the test part, aware UTC.
    train, test : ndarray of int64
        Row numbers, ascending; no train target is later than a test close.
    """

    number: int
    cutoff: datetime
    train: Rows
    test: Rows


@dataclass(frozen=True, slots=True)
class WalkForward:
    """Walk-forward over time, expanding or rolling: all symbols of a panel share the cutoffs.

    Parameters
    ----------
    n_folds : int
        Test blocks of equal time, at least 1.
    horizon : int
        Candles ahead that are forecast.
    purge_candles : int
        Candles before a cutoff that are not learned from, at least `horizon`.
    embargo_candles : int
        Further candles left out between training and test.
    test_share : float
        Newest share of the time that is tested, in (0, 1); unused when `test_start` is given.
    test_start : datetime or None
        First close that is tested.
    train_candles : int or None
        Rolling: only so many of the newest candles before the purge and the embargo are learned
        from. None is expanding: all of them.

    Raises
    ------
    InvalidRequestError
        When the purge is shorter than the horizon, or a number is out of range.
    """

    n_folds: int
    horizon: int
    purge_candles: int
    embargo_candles: int = 0
    test_share: float = 0.5
    test_start: datetime | None = None
    train_candles: int | None = None

    def __post_init__(self) -> None:
        if self.purge_candles < self.horizon:
            raise InvalidRequestError(
                f"purge_candles must be at least horizon ({self.horizon}), was {self.purge_candles}: "
                f"training targets would reach into the test part; use {self.horizon} or more"
            )
        if self.n_folds < 1 or self.embargo_candles < 0 or not 0.0 < self.test_share < 1.0:
            raise InvalidRequestError(
                f"walk-forward needs n_folds >= 1, embargo_candles >= 0 and test_share in (0, 1), "
                f"was {self.n_folds}, {self.embargo_candles}, {self.test_share}"
            )
        if self.train_candles is not None and self.train_candles < 1:
            raise InvalidRequestError(
                f"train_candles must be at least 1, was {self.train_candles}; leave it out to learn from all before"
            )

    def split(self, close_times: pd.DatetimeIndex, target_times: pd.DatetimeIndex) -> list[Fold]:
        """Cut rows of one or more symbols into folds.

        Parameters
        ----------
        close_times : DatetimeIndex of shape (n,)
            When each row's forecast would be made, in any order.
        target_times : DatetimeIndex of shape (n,)
            When each row's target is known.

        Returns
        -------
        list of Fold
            `n_folds` folds, earliest first; the test parts tile the tested time without overlap.

        Raises
        ------
        InsufficientHistoryError
            When a train or test part would be empty.
        """
        closes, targets = to_microseconds(close_times), to_microseconds(target_times)
        grid, place = np.unique(closes, return_inverse=True)
        edges = self._edges(grid)
        folds = []
        for number, (low, high) in enumerate(pairwise(edges), start=1):
            settled = targets < grid[min(low, len(grid) - 1)]
            end = low - self.purge_candles - self.embargo_candles
            start = 0 if self.train_candles is None else end - self.train_candles
            train = np.flatnonzero((place >= start) & (place < end) & settled)
            test = np.flatnonzero((place >= low) & (place < high))
            if not len(train) or not len(test):
                raise InsufficientHistoryError(
                    f"{len(grid)} candles are too few for {self.n_folds} folds with a purge of {self.purge_candles} "
                    f"and an embargo of {self.embargo_candles}; use fewer folds or a longer history"
                )
            folds.append(Fold(number, to_times(grid[low : low + 1])[0].to_pydatetime(), train, test))
        return folds

    def _edges(self, grid: Rows) -> list[int]:
        n = len(grid)
        first = round(n * (1.0 - self.test_share))
        if self.test_start is not None:
            first = int(np.searchsorted(grid, to_microseconds(pd.DatetimeIndex([self.test_start]))[0]))
        return [round(first + (n - first) * k / self.n_folds) for k in range(self.n_folds + 1)]
