import math

import numpy as np
import pytest

from candlecast.features.technical.plan import Plan
from candlecast.features.technical.series import Series, larger, ratio, source

X, Y = source("x"), source("y")
VALUES = {"x": np.array([2.0, -6.0, np.nan, 4.0]), "y": np.array([4.0, 0.0, 1.0, np.nan])}
CASES = {
    "sum": (X + Y, [6.0, -6.0, np.nan, np.nan]),
    "sum with a number": (X + 1, [3.0, -5.0, np.nan, 5.0]),
    "difference": (X - Y, [-2.0, -6.0, np.nan, np.nan]),
    "difference to a number": (X - 1.0, [1.0, -7.0, np.nan, 3.0]),
    "difference from a number": (1.0 - X, [-1.0, 7.0, np.nan, -3.0]),
    "product": (X * Y, [8.0, 0.0, np.nan, np.nan]),
    "product with a number": (0.5 * X * 3.0, [3.0, -9.0, np.nan, 6.0]),
    "quotient by zero": (X / Y, [0.5, np.nan, np.nan, np.nan]),
    "quotient by a number": (X / 3.0, [2.0 / 3.0, -2.0, np.nan, 4.0 / 3.0]),
    "ratio with a value at zero": (ratio(X, Y, at_zero=7.0), [0.5, 7.0, np.nan, np.nan]),
    "negative": (-X, [-2.0, 6.0, np.nan, -4.0]),
    "larger": (larger(X, Y), [4.0, 0.0, np.nan, np.nan]),
}


def stepped(series: Series, values: dict[str, np.ndarray]) -> list[float]:
    follower = Plan.of({"found": series}).follow({name: column[:0] for name, column in values.items()})
    rows = zip(*values.values(), strict=True)
    return [follower.push(dict(zip(values, row, strict=True)))["found"] for row in rows]


@pytest.mark.parametrize("case", CASES)
def test_arithmetic_in_both_ways_gives_the_written_values(case):
    series, expected = CASES[case]

    np.testing.assert_array_equal(Plan.of({"found": series}).batch(VALUES)["found"], expected)
    np.testing.assert_array_equal(stepped(series, VALUES), expected)


def test_series_of_the_same_definition_are_equal():
    assert source("x") / source("y") + 1.0 == X / Y + 1.0
    assert hash(X / Y) == hash(ratio(X, Y, at_zero=math.nan))


def test_series_of_other_numbers_or_parts_differ():
    assert len({X + 1.0, X + 2.0, Y + 1.0, X / Y, Y / X, ratio(X, Y, at_zero=0.0), ratio(X, Y, at_zero=1.0)}) == 7


def test_source_is_not_computed():
    with pytest.raises(LookupError, match="x is read from the candles"):
        X.batch()
