import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlecast.models.spans import KNOTS, conformity, ends

RNG = np.random.default_rng(4)
BELOW, ABOVE = (1.0, 2.0, 3.0, 5.0), (0.5, 1.5, 2.0, 2.5)
SIDED = np.array([[*BELOW, *ABOVE]])


def test_conformity_of_one_volatility_is_the_ratio():
    found = conformity(np.array([-0.03, 0.02, np.nan]), np.array([[0.01], [0.02], [0.02]]))

    np.testing.assert_allclose(found, [3.0, 1.0, np.nan])


@pytest.mark.parametrize(("sign", "side"), [(-1.0, BELOW), (1.0, ABOVE)])
def test_conformity_of_an_outcome_at_an_end_is_its_knot(sign, side):
    outcomes = sign * np.array([0.0, *side, 2.0 * side[-1]])

    found = conformity(outcomes, np.repeat(SIDED, len(outcomes), axis=0))

    np.testing.assert_allclose(found, [0.0, *KNOTS, 2.0 * KNOTS[-1]])


def test_ends_at_the_knots_are_the_spans():
    below, above = ends(SIDED, np.array([KNOTS]))

    np.testing.assert_allclose(below, [BELOW])
    np.testing.assert_allclose(above, [ABOVE])


@given(reach=st.floats(0.0, 9.0), outcome=st.floats(-20.0, 20.0))
def test_ends_hold_an_outcome_exactly_when_its_conformity_is_no_larger(reach, outcome):
    score = float(conformity(np.array([outcome]), SIDED)[0])
    below, above = (float(side[0, 0]) for side in ends(SIDED, np.array([[reach]])))

    if abs(score - reach) > 1e-9:
        assert (-below <= outcome <= above) == (score <= reach)


def test_ends_of_an_unknown_reach_or_span_are_unknown():
    reach = np.array([[1.0, np.nan], [1.0, 2.0]])

    below, above = ends(np.vstack([SIDED, np.full_like(SIDED, np.nan)]), reach)

    assert np.isfinite(below).tolist() == np.isfinite(above).tolist() == [[True, False], [False, False]]
    assert np.isnan(conformity(np.array([0.1]), np.full_like(SIDED, np.nan))).all()


def test_spans_of_many_rows_say_what_each_says_alone():
    spans = np.cumsum(np.abs(RNG.normal(size=(50, 2, 4))) + 0.01, axis=2).reshape(50, 8)
    outcomes, reach = RNG.normal(size=50), np.abs(RNG.normal(size=(50, 3)))

    together, alone = conformity(outcomes, spans), [conformity(outcomes[[n]], spans[[n]])[0] for n in range(50)]

    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(ends(spans, reach)[0][7], ends(spans[[7]], reach[[7]])[0][0])
