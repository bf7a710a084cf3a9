"""How wide must the intervals of one model be now? Kept from candle to candle, for many symbols at once.

What is kept per symbol are the settled scores, see `conformity`, that `recent_reach` reads,
and what `rolling_reach` said at the time: the numbers are theirs, without going through the history
again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.features.table import build_features
from candlecast.features.targets import build_targets
from candlecast.market.calendars import Microseconds, to_microseconds
from candlecast.market.symbols import Symbol
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.intervals import (
    CONFORMAL_CANDLES,
    LEVELS,
    Reach,
    newest_reaches,
    rolling_reach,
)
from candlecast.models.spans import conformity

RECENT_CANDLES = 500
_MIN_RECENT = 50
_TRACKED_LEVEL = 0.80
_FIRST_ROWS = 64

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Width:
    """How wide to look, and whether that held lately.

    Parameters
    ----------
    reach : Reach
        Of each level.
    coverage_recent : float or None
        Share of the last `RECENT_CANDLES` settled closes inside the 80 % interval they would have
        had; None while fewer than 50 have settled.
    """

    reach: Reach
    coverage_recent: float | None


class ScoreBook:
    """The settled scores of one model, symbol by symbol; for one thread at a time.

    Parameters
    ----------
    model : DirectionModel
        Whose scores.
    """

    def __init__(self, model: DirectionModel) -> None:
        self._model = model
        self._rows: dict[str, int] = {}
        self._stands: dict[str, tuple[int, int]] = {}
        self._scores, self._graded = _Rings(CONFORMAL_CANDLES), _Rings(RECENT_CANDLES)
        self._spans, self._reach = _Rings(model.facts.horizon, model.n_spans), _Rings(model.facts.horizon)
        self._widths: dict[str, Width] = {}

    def stands_at(self, name: str, *, epoch: int) -> int | None:
        """Return the close of the last candle that was accounted for, in microseconds; None: start anew."""
        known_epoch, close_us = self._stands.get(name, (None, 0))
        return close_us if known_epoch == epoch else None

    def start(self, symbol: Symbol, candles: pd.DataFrame, *, epoch: int) -> None:
        """Go through the history of a symbol.

        Parameters
        ----------
        symbol : Symbol
            Whose candles.
        candles : DataFrame
            Candles frame, ascending; the widths are as good as it is long, up to `HISTORY_CANDLES`.
        epoch : int
            Of the candles: a later one voids what is kept.
        """
        horizon, facts = self._model.facts.horizon, self._model.facts
        spans = self._model.spans(build_features(candles).to_numpy(dtype=np.float64))
        targets = build_targets(candles, horizon=horizon, timeframe=facts.timeframe, calendar=symbol.calendar)
        scores = conformity(targets["log_return"].to_numpy(dtype=np.float64), spans)
        reach = rolling_reach(scores, horizon=horizon, level=_TRACKED_LEVEL)
        graded = np.flatnonzero(np.isfinite(scores) & np.isfinite(reach))
        row = self._rows.setdefault(symbol.name, len(self._rows))
        self._scores.fill(row, scores[: max(0, len(scores) - horizon)])
        self._graded.fill(row, (scores[graded] <= reach[graded]).astype(np.float64))
        self._spans.fill(row, spans)
        self._reach.fill(row, reach)
        [close_us] = to_microseconds(pd.DatetimeIndex(candles["close_time"].iloc[-1:]))
        self._stands[symbol.name] = epoch, int(close_us)
        self._measure([symbol.name], np.array([row], dtype=np.int64))

    def advance(self, names: Sequence[str], *, close_us: Microseconds, spans: Array, settled: Array) -> None:
        """Account for one more candle of each of `names`, k of them, started before.

        Parameters
        ----------
        names : sequence of str
            Each once.
        close_us : ndarray of shape (k,), int64
            When the candle closed.
        spans : ndarray of shape (k, model.n_spans)
            What the model expects from it on.
        settled : ndarray of shape (k,)
            Log return from the close `horizon` rows before to it; NaN where unknown.
        """
        rows = np.array([self._rows[name] for name in names], dtype=np.int64)
        scores, reach = conformity(settled, self._spans.oldest(rows)), self._reach.oldest(rows)
        known = np.isfinite(scores) & np.isfinite(reach)
        self._graded.push(rows[known], (scores[known] <= reach[known]).astype(np.float64))
        self._scores.push(rows, scores)
        tracked = self._measure(names, rows)
        self._spans.push(rows, spans)
        self._reach.push(rows, tracked)
        for name, moment in zip(names, close_us.tolist(), strict=True):
            self._stands[name] = self._stands[name][0], moment

    def width(self, name: str) -> Width:
        """Return how wide to look at the newest candle of a symbol that was started."""
        return self._widths[name]

    def _measure(self, names: Sequence[str], rows: Rows) -> Array:
        quantiles, means = newest_reaches(self._scores.ordered(rows), horizon=self._model.facts.horizon)
        graded = self._graded.ordered(rows)
        n_graded = np.isfinite(graded).sum(axis=1)
        shares = np.nansum(graded, axis=1) / np.maximum(n_graded, 1)
        figures = zip(names, quantiles.tolist(), means.tolist(), shares.tolist(), n_graded.tolist(), strict=True)
        for name, reaches, mean, share, n in figures:
            reach = Reach(tuple(reaches), mean) if math.isfinite(mean) else self._model.reach
            self._widths[name] = Width(reach, share if n >= _MIN_RECENT else None)
        return np.asarray(quantiles[:, LEVELS.index(_TRACKED_LEVEL)])


class _Rings:
    """The last `width` values of each row, numbers or `depth` numbers each; what is not known yet is NaN."""

    def __init__(self, width: int, depth: int | None = None) -> None:
        self._width = width
        self._values = np.empty((0, width) if depth is None else (0, width, depth))
        self._places = np.empty(0, dtype=np.int64)

    def fill(self, row: int, values: Array) -> None:
        if row >= len(self._values):
            more = 2 * row + _FIRST_ROWS - len(self._values)
            self._values = np.concatenate((self._values, np.full((more, *self._values.shape[1:]), np.nan)))
            self._places = np.concatenate((self._places, np.zeros(more, dtype=np.int64)))
        newest = values[-self._width :]
        self._places[row] = 0
        self._values[row] = np.nan
        self._values[row, self._width - len(newest) :] = newest

    def oldest(self, rows: Rows) -> Array:
        return np.asarray(self._values[rows, self._places[rows]])

    def push(self, rows: Rows, values: Array) -> None:
        self._values[rows, self._places[rows]] = values
        self._places[rows] = (self._places[rows] + 1) % self._width

    def ordered(self, rows: Rows) -> Array:
        order = (self._places[rows][:, np.newaxis] + np.arange(self._width)) % self._width
        return np.asarray(np.take_along_axis(self._values[rows], order, axis=1))
