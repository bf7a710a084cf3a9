import numpy as np
import pytest

from candlecast.evaluation.baselines import HAR_TERMS, HarRegression
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.volatility import DESIGN, Effort, Volatility

RNG = np.random.default_rng(9)
PLACES = [FEATURE_NAMES.index(name) for name in DESIGN]


def feature_block(n):
    return RNG.normal(size=(n, len(FEATURE_NAMES))).astype(np.float32)


def fitted(features, target, log_return=None, **options):
    log_return = np.exp(target) * RNG.choice([-1.0, 1.0], size=len(target)) if log_return is None else log_return
    return Volatility.fit(features, range_volatility=target, log_return=log_return, **({"horizon": 1} | options))


def test_volatility_recovers_a_linear_law():
    features, truth = feature_block(3_000), np.linspace(-0.3, 0.4, len(DESIGN))
    target = -2.0 + features[:, PLACES] @ truth

    found = fitted(features, target, horizon=4)

    np.testing.assert_allclose(found.har.coefficients, truth, atol=1e-4)
    np.testing.assert_allclose(found.sigma(features), 2.0 * np.exp(target), rtol=0.02)


def test_volatility_learns_what_the_regression_cannot_say():
    features = feature_block(6_000)
    low = features[:, FEATURE_NAMES.index("stoch_k_14")] < 0.0
    calm = features[:, FEATURE_NAMES.index("volume_surprise_24")] < 0.0
    target = -3.0 + 1.0 * (low == calm)

    found = fitted(features[:4_000], target[:4_000]).log_volatility(features[4_000:])

    assert np.corrcoef(found, target[4_000:])[0, 1] > 0.8


def test_volatility_of_returns_that_vary_less_is_drawn_to_its_centre():
    features = feature_block(20_000)
    target = -2.0 + 0.5 * features[:, FEATURE_NAMES.index("gk_vol_24")].astype(float)
    log_return = np.exp(-1.0 + 0.5 * target) * RNG.normal(size=20_000)

    found = fitted(features, target, log_return, effort=Effort(max_rows=20_000))

    assert found.spread == pytest.approx(0.5, abs=0.04)
    assert found.log_volatility(features).mean() == pytest.approx(target.mean(), abs=0.01)


def test_volatility_trees_learn_from_no_more_rows_than_allowed():
    features = feature_block(4_000)
    target = np.where(features[:, FEATURE_NAMES.index("willr_28")] > 0.0, -1.0, -3.0)

    some, none = (fitted(features, target, effort=Effort(max_rows=n)).log_volatility(features) for n in (4_000, 150))

    assert np.corrcoef(some, target)[0, 1] > 0.9
    assert abs(np.corrcoef(none, target)[0, 1]) < 0.3


def test_volatility_of_candles_without_an_hour_is_finite_but_not_in_warm_up():
    features = feature_block(400)
    model = fitted(features, features[:, PLACES[0]].astype(float))
    features[0, FEATURE_NAMES.index("hour_sin")] = np.nan
    features[1, FEATURE_NAMES.index("gk_vol_168")] = np.nan

    found = model.sigma(features)

    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_volatility_after_a_round_trip_says_the_same():
    features = feature_block(500)
    model = fitted(features, features[:, PLACES[1]].astype(float))

    loaded = Volatility.load(model.numbers(), model.trees.dump())

    np.testing.assert_array_equal(loaded.sigma(features), model.sigma(features))


def test_har_terms_are_the_first_columns_of_the_design():
    assert DESIGN[: len(HAR_TERMS)] == HAR_TERMS
    assert HarRegression(-1.0, (2.0, 0.0)).log_volatility(np.array([[0.5, 9.0]])).tolist() == [0.0]
