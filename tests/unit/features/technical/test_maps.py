import math

import numpy as np
import pytest

from candlecast.features.technical.maps import exp, is_positive, known, log, magnitude, only_positive, rise, root
from candlecast.features.technical.plan import Plan
from candlecast.features.technical.series import source

X, NAN = source("x"), math.nan
VALUES = np.array([-4.0, 0.0, 4.0, NAN])
CASES = {
    "magnitude": (magnitude(X), [4.0, 0.0, 4.0, NAN]),
    "log": (log(X), [NAN, NAN, math.log(4.0), NAN]),
    "exp": (exp(X), [math.exp(-4.0), 1.0, math.exp(4.0), NAN]),
    "root": (root(X), [0.0, 0.0, 2.0, NAN]),
    "rise": (rise(X), [0.0, 0.0, 4.0, NAN]),
    "is_positive": (is_positive(X), [0.0, 0.0, 1.0, NAN]),
    "only_positive": (only_positive(X), [NAN, NAN, 4.0, NAN]),
    "known": (known(X, otherwise=9.0), [-4.0, 0.0, 4.0, 9.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_map_in_both_ways_gives_the_written_values(name):
    series, expected = CASES[name]
    plan = Plan.of({"found": series})
    follower = plan.follow({"x": VALUES[:0]})

    stepped = [follower.push({"x": value})["found"] for value in VALUES.tolist()]

    np.testing.assert_allclose(plan.batch({"x": VALUES})["found"], expected, rtol=1e-15)
    np.testing.assert_allclose(stepped, expected, rtol=1e-15)
