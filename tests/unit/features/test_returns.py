import numpy as np
import pytest

from candlecast.features.returns import CYCLE_CANDLES, lagged, memory_terms, scaled_returns

RNG = np.random.default_rng(4)
CLOSE = np.exp(np.cumsum(RNG.normal(0.0, 0.01, 300)))


def test_scaled_return_equals_written_formula():
    found = scaled_returns(CLOSE, np.full(300, np.log(0.02)), spans=(6,))

    assert found["scaled_return_6"][200] == pytest.approx(np.log(CLOSE[200] / CLOSE[194]) / (0.02 * np.sqrt(6)))
    assert np.isnan(found["scaled_return_6"][:6]).all()


def test_memory_holds_the_candles_before_and_the_same_hour_of_days_before():
    scaled = np.arange(300.0)

    found = memory_terms(CLOSE, scaled)

    assert [found[f"lagged_return_{k}"][200] for k in (1, 2, 3)] == [199, 198, 197]
    # row 200 forecasts candle 201
    assert found["cycle_return_1"][200] == 201 - CYCLE_CANDLES
    assert found["cycle_return_5"][200] == np.mean([201 - n * CYCLE_CANDLES for n in range(1, 6)])
    assert np.isnan(found["cycle_return_5"][118])


def test_still_share_counts_closes_that_did_not_move():
    close = CLOSE.copy()
    close[101:143] = close[100]

    found = memory_terms(close, np.zeros(300))["still_share_168"]

    assert found[200] == pytest.approx(42 / 168)
    assert np.isnan(found[167])


def test_lag_longer_than_the_values_is_missing():
    assert np.isnan(lagged(np.ones(3), 5)).all()
