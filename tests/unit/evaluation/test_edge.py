import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.edge import Trading, daily_equity, trade

FREE = Trading(cost_bps=0.0)


def forecasts(p_up, simple_return, *, horizon=1, start="2024-01-01", symbol="A", sigma=0.01):
    closes = pd.date_range(start, periods=len(p_up), freq="h", tz="UTC")
    return pd.DataFrame(
        {
            "symbol": symbol,
            "close_time": closes,
            "target_time": closes + pd.Timedelta(hours=horizon),
            "p_model": p_up,
            "sigma": sigma,
            "fill_log_return": np.log1p(np.array(simple_return)),
        }
    )


def test_right_calls_earn_and_wrong_ones_lose():
    found = trade(forecasts([0.6, 0.4, 0.6], [0.01, -0.02, -0.03]), trading=FREE)

    assert found["position"].tolist() == [1.0, -1.0, 1.0]
    assert found["gross_bps"].tolist() == pytest.approx([100.0, 200.0, -300.0])


def test_costs_are_paid_for_each_change_and_for_leaving():
    found = trade(forecasts([0.6, 0.6, 0.4, 0.5], [0.0] * 4), trading=Trading(cost_bps=10.0))

    # in, hold, turn round (two units), out
    assert found["cost_bps"].tolist() == [10.0, 0.0, 20.0, 10.0]


def test_last_position_is_closed_at_a_cost():
    assert trade(forecasts([0.6], [0.0]), trading=Trading(cost_bps=10.0))["cost_bps"].tolist() == [20.0]


def test_hole_between_two_calls_is_left_and_entered_again():
    rows = forecasts([0.6] * 5, [0.0] * 5).drop(index=[2])

    found = trade(rows, trading=Trading(cost_bps=10.0))

    assert found["cost_bps"].tolist() == [10.0, 10.0, 10.0, 10.0]


def test_positions_of_four_hours_are_taken_one_after_another():
    found = trade(forecasts([0.6] * 9, [0.01] * 9, horizon=4), trading=FREE)

    assert found["close_time"].dt.hour.tolist() == [0, 4, 8]


def test_selective_trading_waits_for_an_edge_above_its_cost():
    # expected: 0.2 x 0.8 x 100 bps = 16 bps, and 0.6 x 0.8 x 100 = 48 bps; a trade costs 20
    found = trade(forecasts([0.6, 0.8], [0.0, 0.0]), trading=Trading(cost_bps=10.0, rule="calls beyond their cost"))

    assert found["position"].tolist() == [0.0, 1.0]


def test_always_long_is_long_whatever_the_forecast_says():
    assert trade(forecasts([0.1, 0.5], [0.0, 0.0]), trading=Trading(rule="always long"))["position"].tolist() == [1, 1]


def test_later_forecasts_do_not_change_earlier_positions():
    rows = forecasts([0.6, 0.4, 0.7, 0.3, 0.6, 0.9], [0.01, 0.02, -0.01, 0.0, 0.01, -0.02], horizon=2)

    whole, cut = (trade(part, trading=Trading(rule="calls beyond their cost")) for part in (rows, rows.iloc[:4]))

    assert whole["position"].tolist()[: len(cut)] == cut["position"].tolist()
    assert whole["gross_bps"].tolist()[: len(cut)] == cut["gross_bps"].tolist()


def test_equity_of_two_symbols_is_that_of_half_a_stake_each():
    rows = pd.concat([forecasts([0.6] * 30, [0.01] * 30), forecasts([0.6] * 30, [0.0] * 30, symbol="B")])

    found = daily_equity(trade(rows, trading=FREE))

    assert found["gross_pct"].tolist() == pytest.approx([12.0, 15.0])


def test_negative_cost_is_refused():
    with pytest.raises(InvalidRequestError, match="cost_bps must be at least 0, was -1"):
        Trading(cost_bps=-1.0)
