"""What is an indicator made of? Series, defined once, that can be computed in two ways.

`Series.batch` computes a whole history with numpy; `Series.follow` goes on from its end by one candle
with plain floats. An indicator is an expression of series, so both ways share one definition. Series
of the same definition are equal, and a plan computes them once.

NaN says "not known": in the warm-up, and where an unknown volume takes part. A ratio whose
denominator is 0 is NaN unless its definition says otherwise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

import numpy as np

from candlecast.features.indicators import Array

Values = list[float]
"""The newest value of every series of a plan, by its place in it."""
Step = Callable[[Values], float]
"""From the newest values of what a series is made of to its own."""
Batch = Callable[..., Array]
"""From the parts at all candles, arrays of shape (n,), to the series at all candles."""
Follow = Callable[[Sequence[int], Sequence[Array]], Step]
"""From the places of the parts and the parts at all candles so far to the step that goes on there."""


@dataclass(frozen=True, slots=True)
class Series:
    """A number at every candle, NaN while it is not known; combines with ``+ - * /``.

    Parameters
    ----------
    name : str
        What is computed.
    facts : tuple of float
        With which numbers: a window in candles, a factor.
    parts : tuple of Series
        From which series; none for a column of the candles themselves.
    batch, follow : callable
        How, for a whole history and for one candle more.
    """

    name: str
    facts: tuple[float, ...]
    parts: "tuple[Series, ...]"
    batch: Batch = field(compare=False, repr=False)
    follow: Follow = field(compare=False, repr=False)

    def __add__(self, other: "Operand") -> "Series":
        if not isinstance(other, Series):
            return affine(self, offset=other)
        return _pair("+", self, other, np.add, lambda a, b: lambda values: values[a] + values[b])

    def __sub__(self, other: "Operand") -> "Series":
        if not isinstance(other, Series):
            return affine(self, offset=-other)
        return _pair("-", self, other, np.subtract, lambda a, b: lambda values: values[a] - values[b])

    def __rsub__(self, other: float) -> "Series":
        return affine(self, factor=-1.0, offset=other)

    def __mul__(self, other: "Operand") -> "Series":
        if not isinstance(other, Series):
            return affine(self, factor=other)
        return _pair("*", self, other, np.multiply, lambda a, b: lambda values: values[a] * values[b])

    def __rmul__(self, other: float) -> "Series":
        return affine(self, factor=other)

    def __truediv__(self, other: "Operand") -> "Series":
        if isinstance(other, Series):
            return ratio(self, other)
        return mapped(f"/ {other}", self, lambda x: x / other, lambda x: x / other)

    def __neg__(self) -> "Series":
        return affine(self, factor=-1.0)


Operand: TypeAlias = Series | float


def source(name: str) -> Series:
    """Return a column of the candles; a plan puts its values in place."""

    def absent(*_: object) -> NoReturn:
        raise LookupError(f"{name} is read from the candles, not computed")

    return Series(name, (), (), batch=absent, follow=absent)


def affine(of: Series, *, factor: float = 1.0, offset: float = 0.0) -> Series:
    """Return ``factor * of + offset``."""

    def batch(values: Array) -> Array:
        scaled = factor * values if factor != 1.0 else values
        return scaled + offset if offset != 0.0 else scaled

    def follow(places: Sequence[int], _: Sequence[Array]) -> Step:
        at = places[0]
        return lambda values: factor * values[at] + offset

    return Series("affine", (factor, offset), (of,), batch, follow)


def ratio(left: Series, right: Series, *, at_zero: float = math.nan) -> Series:
    """Return ``left / right``, `at_zero` where `right` is 0."""

    def batch(above: Array, below: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = above / below
        quotient[below == 0.0] = at_zero
        return quotient

    def pair(a: int, b: int) -> Step:
        return lambda values: values[a] / values[b] if values[b] else at_zero

    # a fact that is NaN would make equal ratios differ
    name = "/" if math.isnan(at_zero) else f"/ or {at_zero}"
    return _pair(name, left, right, batch, pair)


def larger(left: Series, right: Series) -> Series:
    """Return the larger of two series, NaN where one is not known."""

    def pair(a: int, b: int) -> Step:
        def step(values: Values) -> float:
            first, second = values[a], values[b]
            return second if second > first else first + 0.0 * second

        return step

    return _pair("larger", left, right, np.maximum, pair)


def _pair(name: str, left: Series, right: Series, batch: Batch, pair: Callable[[int, int], Step]) -> Series:
    return Series(name, (), (left, right), batch, lambda places, _: pair(*places))


def mapped(name: str, of: Series, batch: Callable[[Array], Array], function: Callable[[float], float]) -> Series:
    """Return a function of one number at every candle, given for arrays and for one float."""

    def follow(places: Sequence[int], _: Sequence[Array]) -> Step:
        at = places[0]
        return lambda values: function(values[at])

    return Series(name, (), (of,), batch, follow)
