"""How far may each close move, and how far is it expected to? For many symbols at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from candlecast.models.estimators import Array
from candlecast.models.intervals import LEVELS, Reach
from candlecast.models.spans import ends
from candlecast.schemas import Interval


@dataclass(frozen=True, slots=True)
class Band:
    """The intervals of one forecast, in log returns.

    Parameters
    ----------
    below, above : list of float
        How far the interval of each of `LEVELS` goes to either side of the last close, 0 or more.
    move : float
        Expected size of the log return.
    """

    below: list[float]
    above: list[float]
    move: float

    def intervals(self, last_close: float) -> tuple[Interval, ...]:
        """Return the intervals of the close, one for each of `LEVELS`."""
        return tuple(
            Interval(level=level, low=last_close * math.exp(-below), high=last_close * math.exp(above))
            for level, below, above in zip(LEVELS, self.below, self.above, strict=True)
        )


def bands_of(spans: Array, reaches: Sequence[Reach]) -> list[Band]:
    """Return the band of each of n forecasts.

    Parameters
    ----------
    spans : ndarray of shape (n, model.n_spans)
        What the model says of each.
    reaches : sequence of Reach, of length n
        How far it must reach now; the move is half the width of the interval of the mean reach.
    """
    below, above = ends(spans, np.array([(*reach.quantiles, reach.mean) for reach in reaches]))
    moves = (below[:, -1] + above[:, -1]) / 2.0
    sides = zip(below[:, :-1].tolist(), above[:, :-1].tolist(), moves.tolist(), strict=True)
    return [Band(*side) for side in sides]
