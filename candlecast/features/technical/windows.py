"""What do the last n candles say? NaN until the window is full, and while one of its values is NaN.

Both ways add up the window itself, oldest value first: what has left it leaves no rest, and rounding is the same.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add

import numpy as np

from candlecast.features.indicators import Array
from candlecast.features.technical.series import Series, Step, Values


def earlier(of: Series, n: int = 1) -> Series:
    """Return the value `n` candles ago."""

    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        at = places[0]
        known: list[float] = history[0][-n:].tolist()
        waiting = deque([math.nan] * (n - len(known)) + known)

        def step(values: Values) -> float:
            waiting.append(values[at])
            return waiting.popleft()

        return step

    return Series("earlier", (n,), (of,), lambda values: _shifted(values, n), follow)


def change(of: Series, n: int = 1) -> Series:
    """Return the difference to the value `n` candles ago."""
    return of - earlier(of, n)


def total(of: Series, n: int) -> Series:
    """Return the sum of the last `n` values."""
    return _window("total", of, n, lambda values: _totals(values, n), _total)


def mean(of: Series, n: int) -> Series:
    """Return the mean of the last `n` values."""
    return _window("mean", of, n, lambda values: _means(values, n), lambda window: _mean(window, n))


def deviation(of: Series, n: int) -> Series:
    """Return the population standard deviation of the last `n` values."""

    def batch(values: Array) -> Array:
        centre = _means(values, n)[n - 1 :]
        return np.sqrt(_totals(values, n, term=lambda window: np.square(window - centre)) / n)

    def newest(window: "deque[float]") -> float:
        centre = _mean(window, n)
        return math.sqrt(_total([(value - centre) * (value - centre) for value in window]) / n)

    return _window("deviation", of, n, batch, newest)


def mean_deviation(of: Series, n: int) -> Series:
    """Return the mean distance of the last `n` values from their mean."""

    def batch(values: Array) -> Array:
        centre = _means(values, n)[n - 1 :]
        return _totals(values, n, term=lambda window: np.abs(window - centre)) / n

    def newest(window: "deque[float]") -> float:
        centre = _mean(window, n)
        return _total([abs(value - centre) for value in window]) / n

    return _window("mean deviation", of, n, batch, newest)


def highest(of: Series, n: int) -> Series:
    """Return the largest of the last `n` values."""
    # max() may pass over a NaN, the sum cannot
    return _window("highest", of, n, lambda values: _maximum(values, n=n), lambda w: max(w) + 0.0 * sum(w))


def lowest(of: Series, n: int) -> Series:
    """Return the smallest of the last `n` values."""
    return _window("lowest", of, n, lambda values: -_maximum(-values, n=n), lambda w: min(w) + 0.0 * sum(w))


def place_of_highest(of: Series, n: int) -> Series:
    """Return how many candles after the oldest of `n` the largest value stands, the oldest of equal ones."""

    def batch(values: Array) -> Array:
        top = _maximum(values, n=n)[n - 1 :]
        result = np.full_like(values, np.nan)
        place = result[n - 1 :]
        for late in reversed(range(n)):
            place[values[late : late + len(place)] == top] = late
        return result

    def newest(window: "deque[float]") -> float:
        return window.index(max(window)) + 0.0 * sum(window)

    return _window("place of highest", of, n, batch, newest)


def _window(
    name: str, of: Series, n: int, batch: Callable[[Array], Array], newest: "Callable[[deque[float]], float]"
) -> Series:
    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        at, window = places[0], deque(history[0][-n:].tolist(), maxlen=n)

        def step(values: Values) -> float:
            window.append(values[at])
            return newest(window) if len(window) == n else math.nan

        return step

    return Series(name, (n,), (of,), batch, follow)


def _maximum(values: Array, *, n: int) -> Array:
    # a window of 2w is two windows of w: n takes log2(n) passes, and NaN spreads by itself
    result, width = values, 1
    while width < n:
        grown = min(width, n - width)
        wider = np.empty_like(values)
        wider[:grown] = np.nan
        np.maximum(result[grown:], result[:-grown], out=wider[grown:])
        result, width = wider, width + grown
    return result


def _totals(values: Array, n: int, *, term: Callable[[Array], Array] | None = None) -> Array:
    result = np.zeros_like(values)
    result[: n - 1] = np.nan
    found = result[n - 1 :]
    for late in range(n if len(found) else 0):
        window = values[late : late + len(found)]
        found += window if term is None else term(window)
    return result


def _means(values: Array, n: int) -> Array:
    result = _totals(values, n) / n
    # a mean of equal values is that value to the last bit: what is flat has no deviation
    same = np.zeros(len(values), dtype=np.int64)
    np.cumsum(values[1:] == values[:-1], out=same[1:])
    flat = n - 1 + np.flatnonzero(same[n - 1 :] - same[: max(len(same) - n + 1, 0)] == n - 1)
    result[flat] = values[flat]
    return result


def _total(window: Iterable[float]) -> float:
    # not sum(), which compensates for rounding from Python 3.12 on
    return reduce(add, window)


def _mean(window: "deque[float]", n: int) -> float:
    if window[0] == window[-1] and window.count(window[0]) == n:
        return window[0]
    return _total(window) / n


def _shifted(values: Array, n: int) -> Array:
    shifted = np.empty_like(values)
    shifted[:n] = np.nan
    shifted[n:] = values[: max(len(values) - n, 0)]
    return shifted
