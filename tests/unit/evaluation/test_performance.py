"""Are growth and risk what a slow sum over days says?"""

import math

import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.performance import performance


def equity_of(daily_returns, *, per_day=4):
    values = np.cumprod(1 + np.array(daily_returns))
    closes = pd.date_range("2024-01-01 06:00", periods=len(values) * per_day, freq="6h", tz="UTC")
    # the last close of a day is at midnight, which is the next day's
    return pd.Series(np.repeat(values, per_day), index=closes - pd.Timedelta(hours=1))


def test_sharpe_is_the_mean_over_the_deviation_a_year():
    returns = np.random.default_rng(5).normal(0.001, 0.02, 400)

    found = performance(equity_of(returns), target_span_s=3_600)

    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365.25), rel=2e-3)
    assert found.volatility_pct == pytest.approx(100 * returns.std(ddof=1) * math.sqrt(365.25), rel=2e-3)
    assert found.return_pct == pytest.approx(100 * (np.prod(1 + returns) - 1))


def test_sharpe_interval_holds_the_standard_error_of_theory():
    # Lo (2002): about sqrt((1 + SR^2 / 2) / n) a day for independent returns
    returns = np.random.default_rng(5).normal(0.0, 0.02, 400)

    found = performance(equity_of(returns), target_span_s=3_600)

    low, high = found.sharpe_bounds
    assert low < found.sharpe < high
    assert (high - low) / (2 * 1.96) == pytest.approx(math.sqrt(365.25 / 400), rel=0.15)


def test_drawdown_is_from_the_highest_value_before():
    equity = equity_of([0.25, -0.2, -0.1, 0.5], per_day=4)

    found = performance(equity, target_span_s=3_600)

    assert found.drawdown_pct == pytest.approx(28.0)
    assert found.drawdown_days == pytest.approx(2.0, abs=0.3)


def test_loss_from_the_first_day_on_is_a_drawdown():
    assert performance(equity_of([-0.1, 0.05]), target_span_s=3_600).drawdown_pct == pytest.approx(10.0)


def test_few_days_say_nothing_of_a_year():
    found = performance(equity_of([0.01] * 5), target_span_s=3_600)

    assert math.isnan(found.cagr_pct)
    assert all(map(math.isnan, found.sharpe_bounds))


def test_growth_of_a_year_is_that_of_the_year():
    assert performance(equity_of([0.001] * 365), target_span_s=3_600).cagr_pct == pytest.approx(44.0, abs=0.5)


def test_lost_capital_has_figures():
    found = performance(equity_of([0.1, -1.0, 0.0, 0.0]), target_span_s=3_600)

    assert (found.return_pct, found.drawdown_pct) == (-100.0, 100.0)
