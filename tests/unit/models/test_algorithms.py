from typing import get_args

import numpy as np
import pytest

from candlecast import schemas
from candlecast.errors import InvalidRequestError
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.algorithms import ALGORITHMS, algorithm_of, recipe_of

RNG = np.random.default_rng(4)
NEWEST = FEATURE_NAMES.index("return_1")
FEATURES = RNG.normal(size=(1_500, len(FEATURE_NAMES))).astype(np.float32)
FEATURES[RNG.random(FEATURES.shape) < 0.02] = np.nan
FEATURES[:, 7] = np.nan
DIRECTION = (np.nan_to_num(FEATURES[:, NEWEST]) + RNG.normal(size=1_500) > 0).astype(float)
SMALL = {
    "xgboost": {"rounds": 8, "min_child_weight": 5},
    "random_forest": {"trees": 6, "min_leaf_rows": 20, "features_per_split": 40},
}


def fitted(name, *, seed=1):
    algorithm = algorithm_of(name)
    return algorithm.fit(FEATURES, DIRECTION, params=algorithm.resolve(SMALL.get(name, {})), seed=seed, nthread=1)


@pytest.fixture(scope="module", params=list(ALGORITHMS))
def estimator(request):
    return fitted(request.param)


def test_margins_with_missing_values_are_finite_and_follow_the_signal(estimator):
    found = estimator.margins(FEATURES)

    assert found.shape == (1_500,)
    assert np.isfinite(found).all()
    assert ((found > 0) == (DIRECTION > 0.5)).mean() > 0.65


def test_contributions_and_one_constant_sum_to_the_margin(estimator):
    rows = FEATURES[:40]

    pushes = estimator.contributions(rows)

    rest = estimator.margins(rows) - pushes.sum(axis=1)
    assert pushes.shape == rows.shape
    np.testing.assert_allclose(rest, rest[0], atol=1e-5)
    assert np.abs(pushes).sum(axis=0).argmax() == NEWEST


def test_gain_is_shares_and_the_signal_has_the_largest(estimator):
    gain = estimator.gain()

    assert gain.shape == (len(FEATURE_NAMES),)
    assert gain.sum() == pytest.approx(1.0)
    assert gain.argmax() == NEWEST


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_estimator_of_one_seed_is_the_same_twice_and_after_a_round_trip(name):
    first, second = fitted(name), fitted(name)

    assert first.dump() == second.dump()
    loaded = algorithm_of(name).load(first.dump())
    np.testing.assert_array_equal(loaded.margins(FEATURES[:50]), first.margins(FEATURES[:50]))


def test_algorithms_of_the_api_are_those_that_there_are():
    assert set(get_args(schemas.Algorithm)) == set(ALGORITHMS)


def test_unknown_algorithm_is_refused_with_the_near_name():
    with pytest.raises(InvalidRequestError, match=r"'xgbost' is unknown; did you mean xgboost\? All are"):
        algorithm_of("xgbost")


@pytest.mark.parametrize(("name", "says"), [("random_forest", "did you mean trees"), ("naive", "takes no parameter")])
def test_unknown_parameter_of_an_algorithm_is_refused(name, says):
    with pytest.raises(InvalidRequestError, match=says):
        algorithm_of(name).resolve({"tres": 3})


def test_recipe_of_a_model_older_than_a_parameter_says_what_was_done_then():
    assert recipe_of("xgboost", {"rounds": 9}) == {"algorithm": "xgboost", "params": {"rounds": 9, "step_parts": 1}}
    assert recipe_of("xgboost", {"step_parts": 3})["params"] == {"step_parts": 3}
    assert recipe_of("logistic", {})["params"] == {}
