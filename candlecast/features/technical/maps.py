"""Which functions of one number do indicators use? NaN to NaN, but for `known`."""

import math

import numpy as np

from candlecast.features.indicators import Array
from candlecast.features.technical.series import Series, mapped


def magnitude(of: Series) -> Series:
    """Return the absolute value."""
    return mapped("magnitude", of, np.abs, abs)


def log(of: Series) -> Series:
    """Return the natural logarithm, NaN of what is not above 0."""

    def batch(values: Array) -> Array:
        return np.log(values, out=np.full_like(values, np.nan), where=values > 0.0)

    return mapped("log", of, batch, lambda x: math.log(x) if x > 0.0 else math.nan)


def exp(of: Series) -> Series:
    """Return e to the power of the series."""
    return mapped("exp", of, np.exp, math.exp)


def root(of: Series) -> Series:
    """Return the square root, 0 where rounding left less than 0."""
    return mapped("root", of, lambda x: np.sqrt(np.maximum(x, 0.0)), lambda x: 0.0 if x < 0.0 else math.sqrt(x))


def rise(of: Series) -> Series:
    """Return what is above 0, and 0 instead of the rest."""
    return mapped("rise", of, lambda x: np.maximum(x, 0.0), lambda x: 0.0 if x < 0.0 else x)


def is_positive(of: Series) -> Series:
    """Return 1 where above 0, else 0."""
    return mapped(
        "is positive", of, lambda x: np.heaviside(x, 0.0), lambda x: 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x
    )


def only_positive(of: Series) -> Series:
    """Return what is above 0, and NaN instead of the rest."""

    def batch(values: Array) -> Array:
        return np.where(values > 0.0, values, np.nan)

    return mapped("only positive", of, batch, lambda x: x if x > 0.0 else math.nan)


def known(of: Series, *, otherwise: float) -> Series:
    """Return `otherwise` where the series is not known."""

    def batch(values: Array) -> Array:
        return np.where(np.isnan(values), otherwise, values)

    return mapped(f"known or {otherwise}", of, batch, lambda x: x if x == x else otherwise)
