from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.features.indicators import Prices
from candlecast.features.targets import build_targets
from candlecast.features.volatility import range_variance
from candlecast.market.calendars import close_times, expected_open_times
from tests.builders import make_candles

CANDLES = make_candles(200, seed=4)


def targets_of(candles, *, horizon=1, timeframe="1h", calendar="24/7"):
    return build_targets(candles, horizon=horizon, timeframe=timeframe, calendar=calendar)


@pytest.mark.parametrize("horizon", [1, 4, 24])
def test_targets_equal_slow_oracle(horizon):
    closes = CANDLES["close"].tolist()

    found = targets_of(CANDLES, horizon=horizon)

    for row in (23, 60, 120):
        change = np.log(closes[row + horizon] / closes[row])
        span = max(horizon, 4)
        steps = [np.log(closes[row + k + 1] / closes[row + k]) ** 2 for k in range(span)]
        assert np.isclose(found["log_return"].iloc[row], change)
        assert found["direction"].iloc[row] == float(change > 0)
        assert np.isclose(found["realised_volatility"].iloc[row], np.sqrt(sum(steps)))
        assert found["target_time"].iloc[row] == CANDLES["close_time"].iloc[row + horizon]
        fills = CANDLES["open"].iloc[[row + 1, row + horizon + 1]]
        assert np.isclose(found["fill_log_return"].iloc[row], np.log(fills.iloc[1] / fills.iloc[0]))


@pytest.mark.parametrize(("horizon", "span"), [(1, 4), (4, 4), (8, 32), (24, 96)])
def test_range_volatility_is_the_mean_of_a_short_and_a_long_span(horizon, span):
    variance = range_variance(Prices.of(CANDLES))

    found = targets_of(CANDLES, horizon=horizon)["range_volatility"]

    short, long = (0.5 * np.log(variance[61 : 61 + n].mean()) for n in (horizon, span))
    assert np.isclose(found.iloc[60], (short + long) / 2)
    assert found.iloc[-span:].isna().all()
    assert np.isfinite(found.iloc[-span - 1])


def test_targets_near_both_ends_are_unknown():
    found = targets_of(CANDLES, horizon=3)

    assert found["direction"].iloc[:23].isna().all()
    assert found["direction"].iloc[-3:].isna().all()
    assert found["direction"].iloc[23:-3].notna().all()
    # leaving takes one more open
    assert found["fill_log_return"].iloc[-4:].isna().all()
    assert found["fill_log_return"].iloc[23:-4].notna().all()


def test_target_of_an_unchanged_close_is_down():
    still = CANDLES.copy()
    still.loc[51, "close"] = still.loc[50, "close"]

    assert targets_of(still)["direction"].iloc[50] == 0.0


def test_targets_around_a_gap_are_unknown():
    holed = CANDLES.drop(index=100).reset_index(drop=True)

    found = targets_of(holed, horizon=2)["direction"]

    assert found.iloc[97] in (0.0, 1.0)
    assert found.iloc[98:123].isna().all()
    assert found.iloc[123] in (0.0, 1.0)


def test_targets_of_daily_stocks_step_over_weekends():
    opens = expected_open_times(
        datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC), timeframe="1d", calendar="XNYS"
    )
    candles = make_candles(len(opens), timeframe="1d")
    candles["open_time"] = opens
    candles["close_time"] = close_times(opens, timeframe="1d", calendar="XNYS")

    found = targets_of(candles, timeframe="1d", calendar="XNYS")

    friday = candles.index[candles["open_time"].dt.date == pd.Timestamp("2024-02-09").date()][0]
    assert found["direction"].iloc[23:-1].notna().all()
    assert found["target_time"].iloc[friday] == pd.Timestamp("2024-02-12T21:00", tz="UTC")


def test_targets_of_daily_stocks_with_a_missing_session_are_unknown():
    opens = expected_open_times(
        datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC), timeframe="1d", calendar="XNYS"
    ).delete(50)
    candles = make_candles(len(opens), timeframe="1d")
    candles["open_time"] = opens
    candles["close_time"] = close_times(opens, timeframe="1d", calendar="XNYS")

    found = targets_of(candles, timeframe="1d", calendar="XNYS")["direction"]

    assert found.iloc[48] in (0.0, 1.0)
    assert found.iloc[49:73].isna().all()


@pytest.mark.parametrize("horizon", [0, 97])
def test_horizon_out_of_range_is_refused(horizon):
    with pytest.raises(InvalidRequestError, match=f"horizon must be 1 to 96 candles, was {horizon}"):
        targets_of(CANDLES, horizon=horizon)
