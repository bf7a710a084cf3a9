"""Which series remember more than a window? A value that is not known gives NaN and leaves them as they were."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from candlecast.features.indicators import Array
from candlecast.features.technical.series import Series, Step, Values

Advance = Callable[..., float]
"""From the parts at one candle to the value there; keeps what it must remember."""


def exponential_mean(of: Series, n: int) -> Series:
    """Return the exponential moving average with weight ``2 / (n + 1)``, NaN until `n` values are known."""
    return _smoothed("exponential mean", of, centre=(n - 1) / 2, needed=n)


def wilder_mean(of: Series, n: int) -> Series:
    """Return the exponential moving average with weight ``1 / n``, NaN until `n` values are known (Wilder 1978)."""
    return _smoothed("exponential mean", of, centre=n - 1, needed=n)


def bridged_mean(of: Series, n: int) -> Series:
    """Return an `exponential_mean` that goes on, and loses weight, where a value is not known, as in pandas."""
    return _smoothed("bridged mean", of, centre=(n - 1) / 2, needed=n, bridged=True)


def adaptive_mean(of: Series, speed: Series) -> Series:
    """Return ``y + speed * (of - y)`` from candle to candle, from the value before the first known speed."""

    def start() -> Advance:
        last = level = math.nan

        def advance(value: float, pace: float) -> float:
            nonlocal last, level
            base = level if level == level else last
            last = value
            if pace != pace:
                return pace
            level = base + pace * (value - base)
            return level

        return advance

    return recursion("adaptive mean", (of, speed), start)


def running_total(of: Series) -> Series:
    """Return the sum of all known values since the first candle."""

    def batch(values: Array) -> Array:
        return np.where(np.isnan(values), np.nan, np.nancumsum(values))

    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        at, state = places[0], float(np.nancumsum(history[0])[-1]) if len(history[0]) else 0.0

        def step(values: Values) -> float:
            nonlocal state
            value = values[at]
            if value != value:
                return value
            state += value
            return state

        return step

    return Series("running total", (), (of,), batch, follow)


def first(of: Series) -> Series:
    """Return the value of the first candle, at every candle."""

    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        at = places[0]
        known: list[float] = history[0][:1].tolist()

        def step(values: Values) -> float:
            if not known:
                known.append(values[at])
            return known[0]

        return step

    return Series("first", (), (of,), lambda values: np.full_like(values, values[0] if len(values) else 0.0), follow)


def recursion(name: str, parts: tuple[Series, ...], start: Callable[[], Advance]) -> Series:
    """Return a series that only a loop can compute.

    Parameters
    ----------
    name : str
        What is computed; the same name promises the same `start`.
    parts : tuple of Series
        From which series.
    start : callable
        Makes a function that takes the parts candle by candle, from the first one on.
    """

    def run(advance: Advance, history: Sequence[Array]) -> list[float]:
        return list(map(advance, *(part.tolist() for part in history)))

    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        advance = start()
        run(advance, history)
        return lambda values: advance(*[values[at] for at in places])

    return Series(name, (), parts, lambda *history: np.array(run(start(), history), dtype=np.float64), follow)


def _smoothed(name: str, of: Series, *, centre: float, needed: int, bridged: bool = False) -> Series:
    weight = 1.0 / (1.0 + centre)
    kept = 1.0 - weight

    # pandas, not TA-Lib: the latter may round otherwise on another processor, and then a stream would differ
    def levels(values: Array, least: int) -> Array:
        smoothed = pd.Series(values).ewm(com=centre, adjust=False, ignore_na=not bridged, min_periods=least).mean()
        return smoothed.to_numpy(dtype=np.float64, copy=True)

    def batch(values: Array) -> Array:
        smoothed = levels(values, needed)
        return smoothed if bridged else np.where(np.isnan(values), np.nan, smoothed)

    def follow(places: Sequence[int], history: Sequence[Array]) -> Step:
        at, known = places[0], np.flatnonzero(~np.isnan(history[0]))
        seen = len(known)
        state = float(levels(history[0], 1)[-1]) if seen else math.nan
        faded = kept ** int(len(history[0]) - 1 - known[-1]) if bridged and seen else 1.0

        def step(values: Values) -> float:
            nonlocal seen, state, faded
            value = values[at]
            if value != value:
                faded *= kept if bridged else 1.0
                return state if bridged and seen >= needed else math.nan
            seen += 1
            if state != state:
                state = value
            elif state != value:
                # in the order of pandas: in a range as small as the last digit, rounding is all there is
                state = (kept * faded * state + weight * value) / (kept * faded + weight)
            faded = 1.0
            return state if seen >= needed else math.nan

        return step

    return Series(name, (centre, needed), (of,), batch, follow)
