"""What do the scored stories of a symbol add up to at a moment? The one aggregator: of history, of live, of the API.

A story counts from the moment it was known until it is as old as the window. Only stories known by
a moment enter its figures, so nothing that is learned later changes them.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.market.calendars import NOT_A_TIME, Microseconds, to_microseconds

Array = npt.NDArray[np.float64]

WINDOW_S = 86_400
BASELINE_S = 30 * 86_400
FOLLOWED_S = 7 * 86_400
HALF_LIVES = 4
# Of thresholds from -0.4 to -0.02 this one parts bearish from other texts best (recall minus false alarms .65, by the
# lexicon on labelled training data); -0.2 to -0.02 do nearly as well.
NEGATIVE_TO = -0.1

_US = 1_000_000
_MAX_PAIRS = 1 << 20
# Sums of whole numbers are exact: a row comes out the same whichever stories stand before it.
_PARTS = 1 << 30


@dataclass(frozen=True, slots=True)
class Stories:
    """Scored stories of one symbol, ascending by the moment they were known.

    Parameters
    ----------
    known_us : ndarray of shape (n,), int64
        When each was known, microseconds since 1970.
    told_us : ndarray of shape (n,), int64
        When its outlet published it, `known_us` where undated; never after `known_us`.
    score : ndarray of shape (n,)
        -1 to 1, no NaN.
    """

    known_us: Microseconds
    told_us: Microseconds
    score: Array

    @classmethod
    def of(cls, frame: pd.DataFrame, *, dated_only: bool = False) -> Self:
        """Read a frame with columns `known_at`, `published_at` (NaT: undated) and `score`.

        Parameters
        ----------
        frame : DataFrame
            One row a story, in any order; rows with a NaN score, as of an engine that abstained,
            are left out.
        dated_only : bool
            Leave out undated stories, as everything does that a model learns from.
        """
        known_us = to_microseconds(pd.DatetimeIndex(frame["known_at"]))
        told_us = to_microseconds(pd.DatetimeIndex(frame["published_at"]))
        score = frame["score"].to_numpy(dtype=np.float64)
        undated = told_us == NOT_A_TIME
        kept = np.isfinite(score) & ~(undated & dated_only)
        told_us = np.where(undated, known_us, np.minimum(told_us, known_us))
        order = np.lexsort((score[kept], told_us[kept], known_us[kept]))
        return cls(known_us[kept][order], told_us[kept][order], score[kept][order])

    @classmethod
    def none(cls) -> Self:
        """Return no story at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What the news said at m moments, each of shape (m,).

    Parameters
    ----------
    score : ndarray
        Mean score, a story half as old as another weighing more; NaN without a story.
    count : ndarray
        Stories in the window; 0 says "none was told" only where `known`.
    dispersion : ndarray
        Weighted standard deviation of the scores, 0 to 1; NaN without a story.
    negative_share : ndarray
        Share of stories with a score of at most `NEGATIVE_TO`, 0 to 1; NaN without a story.
    surprise : ndarray
        `score` minus the plain mean of the 30 days before the window; NaN without either.
    known : ndarray of bool
        Whether news of the symbol is followed: a story was known in the last 7 days, or in the
        window where that is longer.
    """

    score: Array
    count: Array
    dispersion: Array
    negative_share: Array
    surprise: Array
    known: npt.NDArray[np.bool_]


def aggregate(stories: Stories, as_of_us: Microseconds, *, window_s: int = WINDOW_S) -> Sentiment:
    """Add up the stories that were known at each moment.

    A story is in the window of moment t when it was known by t and told after ``t - window``. It
    weighs ``2 ** (-age / half-life)``, age counted from when it was told, half-life a quarter of
    the window: 6 h of 24 h.

    Parameters
    ----------
    stories : Stories
        Of one symbol.
    as_of_us : ndarray of shape (m,), int64
        Moments in microseconds since 1970, in any order.
    window_s : int
        Length of the window in market seconds, above 0.

    Returns
    -------
    Sentiment
        Row i depends on moment i and on the stories known by it and within the window and the 30
        days before; on no other row.
    """
    n_candidates = np.diff(_span(stories, as_of_us, window_s=window_s), axis=0)[0]
    edges = np.searchsorted(np.cumsum(n_candidates), np.arange(_MAX_PAIRS, n_candidates.sum(), _MAX_PAIRS))
    blocks = [_block(stories, block, window_s=window_s) for block in np.split(as_of_us, edges)]
    return Sentiment(**{one.name: np.concatenate([getattr(b, one.name) for b in blocks]) for one in fields(Sentiment)})


def is_followed(stories: Stories, as_of_us: Microseconds, *, window_s: int = WINDOW_S) -> npt.NDArray[np.bool_]:
    """Tell for each moment, shape (m,), whether a story was known in the last 7 days, or in a longer window."""
    first, last = _span(stories, as_of_us, window_s=max(window_s, FOLLOWED_S))
    return np.asarray(last > first)


def _block(stories: Stories, as_of_us: Microseconds, *, window_s: int) -> Sentiment:
    row, story = _pairs(stories, as_of_us, window_s=window_s)
    age = (as_of_us[row] - stories.told_us[story]) / (window_s * _US)
    weight, score = np.exp2(-HALF_LIVES * age), stories.score[story]

    def total(values: Array) -> Array:
        return np.asarray(np.bincount(row, weights=values, minlength=len(as_of_us)), dtype=np.float64)

    count, weights = total(np.ones_like(score)), total(weight)
    told = count > 0
    mean = _ratio(total(weight * score), weights, where=told)
    spread = np.sqrt(_ratio(total(weight * np.square(score - mean[row])), weights, where=told))
    return Sentiment(
        score=mean,
        count=count,
        dispersion=spread,
        negative_share=_ratio(total((score <= NEGATIVE_TO).astype(np.float64)), count, where=told),
        surprise=mean - _baseline(stories, as_of_us - window_s * _US),
        known=is_followed(stories, as_of_us, window_s=window_s),
    )


def _pairs(
    stories: Stories, as_of_us: Microseconds, *, window_s: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    first, last = _span(stories, as_of_us, window_s=window_s)
    n = last - first
    row = np.repeat(np.arange(len(n)), n)
    story = np.arange(n.sum()) + np.repeat(first - (np.cumsum(n) - n), n)
    # Known lately, told long ago: old when it came, as what a feed lists on the first visit.
    fresh = as_of_us[row] - stories.told_us[story] < window_s * _US
    return row[fresh], story[fresh]


def _span(stories: Stories, as_of_us: Microseconds, *, window_s: int) -> npt.NDArray[np.int64]:
    bounds = (as_of_us - window_s * _US, as_of_us)
    return np.stack([np.searchsorted(stories.known_us, bound, side="right") for bound in bounds])


def _baseline(stories: Stories, until_us: Microseconds) -> Array:
    sums = np.concatenate(([0], np.cumsum(np.rint(stories.score * _PARTS).astype(np.int64))))
    first, last = _span(stories, until_us, window_s=BASELINE_S)
    return _ratio((sums[last] - sums[first]) / _PARTS, (last - first).astype(np.float64), where=last > first)


def _ratio(part: Array, whole: Array, *, where: npt.NDArray[np.bool_]) -> Array:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=where)
