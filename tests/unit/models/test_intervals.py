import numpy as np
import pytest

from candlecast.models.intervals import (
    LEVELS,
    MIN_SETTLED_CANDLES,
    Reach,
    recent_reach,
    rolling_reach,
)
from candlecast.models.spans import conformity

RNG = np.random.default_rng(9)


def quantile_of_last(scores, *, row, horizon, candles, level):
    settled = scores[max(0, row - horizon - candles + 1) : row - horizon + 1]
    return np.quantile(settled[np.isfinite(settled)], level, method="higher")


def test_rolling_reach_equals_slow_oracle():
    scores = np.abs(RNG.normal(size=2_600))
    scores[100:110] = np.nan

    found = rolling_reach(scores, horizon=3, level=0.8)

    for row in (400, 1_500, 2_599):
        long, short = (
            quantile_of_last(scores, row=row, horizon=3, candles=candles, level=0.8) for candles in (2_000, 500)
        )
        assert found[row] == pytest.approx(long**0.75 * short**0.25, rel=1e-12)


@pytest.mark.parametrize(("n", "horizon"), [(2_700, 1), (2_700, 24), (700, 4)])
def test_recent_reach_is_the_last_row_of_rolling_reach(n, horizon):
    scores = np.abs(RNG.normal(size=n))
    scores[n - 400 : n - 100] = np.nan
    scores[n - horizon :] = np.nan

    found = recent_reach(scores, horizon=horizon, fallback=Reach((np.nan,) * 4, np.nan))

    rolling = [rolling_reach(scores, horizon=horizon, level=level)[-1] for level in LEVELS]
    np.testing.assert_allclose(found.quantiles, rolling, rtol=1e-12)


def test_recent_reach_does_not_read_scores_that_settle_later():
    scores = np.abs(RNG.normal(size=600))
    known = scores.copy()
    known[-5:] = np.nan
    fallback = Reach((np.nan,) * 4, np.nan)

    assert recent_reach(scores, horizon=5, fallback=fallback) == recent_reach(known, horizon=5, fallback=fallback)


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
    scores = conformity(log_return, sigma[:, np.newaxis])

    reach = rolling_reach(scores, horizon=1, level=level)[2_000:]

    assert (scores[2_000:] <= reach).mean() == pytest.approx(level, abs=0.012)


def test_rolling_reach_follows_a_market_that_grew_wilder():
    calm, wild = np.abs(RNG.normal(size=2_000)), 2.0 * np.abs(RNG.normal(size=800))

    reach = rolling_reach(np.concatenate([calm, wild]), horizon=1, level=0.9)

    assert reach[2_600] > 1.4 * reach[2_000]


def test_recent_reach_of_few_settled_scores_is_the_fallback():
    fallback = Reach((1.0, 2.0, 3.0, 4.0), 0.9)

    assert recent_reach(np.ones(MIN_SETTLED_CANDLES), horizon=1, fallback=fallback) is fallback
    found = recent_reach(np.ones(MIN_SETTLED_CANDLES + 1), horizon=1, fallback=fallback)
    assert found == Reach((1.0, 1.0, 1.0, 1.0), 1.0)


def test_reach_of_a_hundred_scores_counts_one_more():
    found = Reach.of(np.arange(1.0, 101.0))

    assert found.quantiles == (51.0, 81.0, 91.0, 96.0)
    assert found.mean == 50.5
