"""Are fills where they could have been, and does every unit of capital stay accounted for?"""

import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.execution import Orders, follow, place_orders

START = pd.Timestamp("2024-01-01", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def candles_of(opens, *, closes=None):
    times = pd.date_range(START, periods=len(opens), freq="h")
    closes = [*opens[1:], opens[-1]] if closes is None else closes
    return pd.DataFrame({"open_time": times, "close_time": times + HOUR, "open": opens, "close": closes})


def forecasts_at(hours, *, horizon=1, late_s=3.0):
    closes = START + HOUR * np.array(hours)
    made = closes + pd.Timedelta(seconds=late_s)
    return pd.DataFrame({"close_time": closes, "made_at": made, "target_time": closes + HOUR * horizon})


def placed(candles, forecasts):
    orders = place_orders(candles, forecasts, np.ones(len(forecasts)), timeframe="1h")
    return list(zip(orders.enter.tolist(), orders.leave.tolist(), strict=True))


def run(candles, *orders, cost=0.0, band=0.0):
    enter, leave, weight = (np.array(part) for part in zip(*orders, strict=True))
    return follow(candles, Orders(enter, leave, weight.astype(float)), cost_share=cost, band=band)


def test_forecast_of_a_close_is_filled_at_the_next_open():
    assert placed(candles_of([100.0] * 6), forecasts_at([1, 2], horizon=2)) == [(1, 3), (2, 4)]


def test_forecast_made_late_is_filled_at_the_open_after_it():
    # 7 minutes are more than a tenth of an hour
    assert placed(candles_of([100.0] * 6), forecasts_at([1], horizon=2, late_s=420)) == [(2, 3)]
    assert placed(candles_of([100.0] * 6), forecasts_at([1], late_s=420)) == []


def test_fill_waits_for_the_end_of_a_hole():
    holed = candles_of([100.0] * 8).drop(index=[2, 3])

    # at 02:00 nothing opened until 04:00: the one whose target is then past is not traded
    assert placed(holed, forecasts_at([2], horizon=4)) == [(2, 4)]
    assert placed(holed, forecasts_at([2], horizon=1)) == []


def test_forecast_of_the_newest_close_is_not_filled_yet():
    assert placed(candles_of([100.0] * 3), forecasts_at([3])) == []


def test_of_two_forecasts_for_one_open_the_newer_is_followed():
    late = pd.concat([forecasts_at([1], horizon=3, late_s=600), forecasts_at([2], horizon=3)], ignore_index=True)

    orders = place_orders(candles_of([100.0] * 8), late, np.array([-1.0, 1.0]), timeframe="1h")

    assert (orders.enter.tolist(), orders.weight.tolist()) == ([2], [1.0])


def test_long_position_earns_from_open_to_open():
    found = run(candles_of([100.0, 100.0, 110.0, 50.0]), (1, 2, 1))

    assert found.equity.tolist() == pytest.approx([1.0, 1.1, 1.1, 1.1])
    assert found.trips.tolist() == pytest.approx([0.1])


def test_short_position_earns_what_falls():
    assert run(candles_of([100.0, 80.0, 80.0]), (0, 1, -1)).equity.iloc[-1] == pytest.approx(1.2)


def test_costs_are_paid_on_entering_turning_and_leaving():
    # in: 1 / 1.01; turn: leave a hundredth and enter short at a hundredth less; out the same
    found = run(candles_of([100.0] * 4), (0, 1, 1), (1, 2, -1), cost=0.01)

    turned = (1 / 1.01 - 0.01 / 1.01) / 1.01
    assert found.equity.iloc[-1] == pytest.approx(turned * 0.99)
    assert found.traded == pytest.approx(1 / 1.01 + (1.0 + turned / (1 / 1.01)) + 1.0)


def test_position_held_on_costs_nothing():
    found = run(candles_of([100.0, 110.0, 121.0, 121.0]), (0, 1, 1), (1, 2, 1), cost=0.01)

    assert len(found.trips) == 1
    assert found.equity.iloc[-1] == pytest.approx(1.21 / 1.01 * 0.99)


def test_position_is_held_to_its_target_whatever_comes_between():
    found = run(candles_of([100.0, 110.0, 120.0, 130.0]), (0, 2, 1), (1, 3, -1))

    # the second call came while the first was held
    assert found.equity.tolist() == pytest.approx([1.1, 1.2, 1.2, 1.2])


def test_call_without_a_position_keeps_nothing_from_the_next():
    assert run(candles_of([100.0, 100.0, 110.0, 110.0]), (0, 2, 0), (1, 2, 1)).equity.iloc[-1] == pytest.approx(1.1)


def test_size_within_the_band_is_left_alone():
    near, far = (run(candles_of([100.0] * 4), (0, 1, 0.5), (1, 2, wanted), band=0.1).traded for wanted in (0.55, 0.8))

    assert near == pytest.approx(1.0)
    assert far == pytest.approx(1.6)


def test_position_open_at_the_end_is_left_at_the_last_close():
    found = run(candles_of([100.0, 100.0], closes=[100.0, 120.0]), (1, 2, 1), cost=0.01)

    assert found.equity.iloc[-1] == pytest.approx(1.2 / 1.01 * 0.99)
    assert found.trips.tolist() == pytest.approx([1.2 / 1.01 * 0.99 - 1.0])


def test_capital_that_is_lost_stays_lost():
    found = run(candles_of([100.0, 100.0, 250.0, 10.0, 10.0]), (1, 2, -1), (2, 3, -1))

    assert found.equity.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_capital_that_is_lost_trades_no_more_though_the_price_comes_back():
    found = run(candles_of([100.0, 250.0, 90.0, 90.0, 80.0, 80.0]), (0, 3, -1.0), (3, 5, -1.0), cost=0.001)

    assert found.trips.tolist() == [-1.0]
    assert found.traded == pytest.approx(1.0, rel=0.01)


def test_capital_that_is_lost_at_the_end_was_turned_over_once():
    found = run(candles_of([100.0, 100.0, 250.0]), (0, 3, -1.0), cost=0.001)

    assert found.equity.iloc[-1] == 0.0
    assert found.trips.tolist() == [-1.0]
    assert found.traded == pytest.approx(1.0, rel=0.01)


def test_later_prices_do_not_change_earlier_values():
    rng = np.random.default_rng(3)
    candles = candles_of(np.exp(np.cumsum(rng.normal(0, 0.02, 60))).tolist())
    orders = [(place, place + 2, side) for place, side in enumerate(rng.choice([-1, 0, 1], 50))]

    whole, cut = run(candles, *orders, cost=0.001), run(candles.iloc[:30], *orders[:28], cost=0.001)

    assert whole.equity.iloc[:28].tolist() == pytest.approx(cut.equity.iloc[:28].tolist())
