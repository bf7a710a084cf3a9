import numpy as np
import pytest

from candlecast.features.table import FEATURE_NAMES
from candlecast.models.intervals import (
    DESIGN,
    LEVELS,
    MIN_SETTLED_CANDLES,
    Reach,
    Volatility,
    conformity,
    recent_reach,
    rolling_reach,
)

RNG = np.random.default_rng(9)


def feature_block(n):
    return RNG.normal(size=(n, len(FEATURE_NAMES)))


def test_volatility_recovers_the_coefficients_it_was_drawn_from():
    features, truth = feature_block(3_000), np.linspace(-0.3, 0.4, len(DESIGN))
    places = [FEATURE_NAMES.index(name) for name in DESIGN]
    target = -2.0 + features[:, places] @ truth

    log_return = np.exp(target) * RNG.choice([-1.0, 1.0], size=3_000)

    found = Volatility.fit(features, range_volatility=target, log_return=log_return, horizon=4)

    np.testing.assert_allclose(found.coefficients, truth, atol=1e-4)
    np.testing.assert_allclose(found.sigma(features), 2.0 * np.exp(target), rtol=1e-3)


def test_volatility_of_returns_that_vary_less_is_shrunk_to_them():
    features = feature_block(20_000)
    target = -2.0 + 0.5 * features[:, FEATURE_NAMES.index("gk_vol_24")]
    log_return = np.exp(0.5 * target) * RNG.normal(size=20_000)

    found = Volatility.fit(features, range_volatility=target, log_return=log_return, horizon=1)

    assert found.coefficients[DESIGN.index("gk_vol_24")] == pytest.approx(0.25, abs=0.02)


def test_sigma_of_candles_without_an_hour_is_finite_but_not_in_warm_up():
    model = Volatility(1, -1.0, tuple(0.1 for _ in DESIGN))
    features = feature_block(2)
    features[0, FEATURE_NAMES.index("hour_sin")] = np.nan
    features[1, FEATURE_NAMES.index("gk_vol_168")] = np.nan

    found = model.sigma(features)

    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_rolling_reach_equals_slow_oracle():
    scores = np.abs(RNG.normal(size=2_600))
    scores[100:110] = np.nan

    found = rolling_reach(scores, horizon=3, level=0.8)

    for row in (400, 1_500, 2_599):
        settled = scores[max(0, row - 3 - 1_999) : row - 2]
        slow = np.quantile(settled[np.isfinite(settled)], 0.8, method="higher")
        assert found[row] == slow


def test_rolling_reach_ignores_scores_that_have_not_settled():
    scores = np.abs(RNG.normal(size=600))
    changed = scores.copy()
    changed[500 - 4 :] = 99.0

    before, after = (rolling_reach(s, horizon=5, level=0.9)[500] for s in (scores, changed))

    assert before == after


@pytest.mark.parametrize("level", LEVELS)
def test_conformal_intervals_on_shifting_volatility_keep_their_promise(level):
    sigma = np.exp(np.cumsum(0.02 * RNG.normal(size=12_000)))
    log_return = 1.7 * sigma * RNG.standard_t(4, size=12_000)
    scores = conformity(log_return, sigma)

    reach = rolling_reach(scores, horizon=1, level=level)[2_000:]

    assert (scores[2_000:] <= reach).mean() == pytest.approx(level, abs=0.012)


def test_recent_reach_of_few_settled_scores_is_the_fallback():
    fallback = Reach((1.0, 2.0, 3.0, 4.0), 0.9)

    assert recent_reach(np.ones(MIN_SETTLED_CANDLES - 1), fallback=fallback) is fallback
    assert recent_reach(np.ones(MIN_SETTLED_CANDLES), fallback=fallback) == Reach((1.0, 1.0, 1.0, 1.0), 1.0)


def test_reach_of_a_hundred_scores_counts_one_more():
    found = Reach.of(np.arange(1.0, 101.0))

    assert found.quantiles == (51.0, 81.0, 91.0, 96.0)
    assert found.mean == 50.5
