import numpy as np

from candlecast.features.technical.maps import mapped
from candlecast.features.technical.plan import Plan
from candlecast.features.technical.series import source
from candlecast.features.technical.windows import mean

X = source("x")


def test_plan_computes_what_is_shared_once():
    n_calls = 0

    def double(values):
        nonlocal n_calls
        n_calls += 1
        return 2.0 * values

    def make_double():
        return mapped("double", X, double, lambda x: 2.0 * x)

    found = Plan.of({"a": make_double() + 1.0, "b": mean(make_double(), 2)}).batch({"x": np.array([1.0, 2.0])})

    assert n_calls == 1
    np.testing.assert_array_equal(found["a"], [3.0, 5.0])
    np.testing.assert_array_equal(found["b"], [np.nan, 3.0])


def test_plan_keeps_a_column_that_another_one_uses():
    doubled = 2.0 * X

    found = Plan.of({"doubled": doubled, "more": doubled + 1.0, "x": X}).batch({"x": np.array([1.0])})

    assert {name: values.tolist() for name, values in found.items()} == {"doubled": [2.0], "more": [3.0], "x": [1.0]}


def test_follower_leaves_other_followers_alone():
    plan = Plan.of({"mean": mean(X, 2)})
    one, other = plan.follow({"x": np.array([1.0])}), plan.follow({"x": np.array([5.0])})

    assert one.push({"x": 3.0}) == {"mean": 2.0}
    assert other.push({"x": 3.0}) == {"mean": 4.0}
