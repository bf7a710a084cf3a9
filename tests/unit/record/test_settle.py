"""Is an outcome read off closed candles, in the scale of the forecast, and a hole never bridged?"""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from candlecast.record.evidence import STILL_VALID_US, CloseHistory, Evidence, RecordCounts
from candlecast.record.outcomes import DueForecast, outcome_hash
from candlecast.record.settle import known_before, settle
from tests.storage_builders import START

HOUR_US = 3_600_000_000
START_US = int(START.timestamp() * 1e6)


def make_due(as_of_hour: int = 30, *, horizon: int = 1, **values: object) -> DueForecast:
    as_of = START + timedelta(hours=as_of_hour)
    defaults = {
        "id": 1,
        "symbol_id": 1,
        "timeframe": "1h",
        "horizon": horizon,
        "model_id": "m1",
        "symbol": "BTC/USDT",
        "calendar": "24/7",
        "made_at": as_of + timedelta(seconds=3),
        "as_of": as_of,
        "target_time": as_of + timedelta(hours=horizon),
        "last_close": 100.0 + as_of_hour,
        "p_up": 0.6,
        "direction": "up",
        "bands": (),
        "row_hash": "ab",
    }
    return DueForecast(**(defaults | values))


def make_history(closes: dict[int, float]) -> CloseHistory:
    """Return candles that close at full hours after `START`, each opening one below its close."""
    hours = np.array(sorted(closes))
    prices = np.array([closes[hour] for hour in hours.tolist()], dtype=np.float64)
    times = START_US + hours * HOUR_US
    return CloseHistory(times - HOUR_US, times, times, np.full(len(hours), STILL_VALID_US), prices - 1.0, prices)


def judge(due: DueForecast, closes: dict[int, float], *, now: datetime | None = None):
    evidence = Evidence(
        {(1, "1h"): make_history(closes)}, {}, {due.series: RecordCounts(30, 20)}, now or due.target_time
    )
    [outcome] = settle([due], evidence)
    return outcome


RISING = {hour: 100.0 + hour for hour in range(40)}


def test_return_and_volatility_reach_from_last_close_to_target():
    outcome = judge(make_due(horizon=4), RISING)

    steps = np.diff(np.log([130.0, 131.0, 132.0, 133.0, 134.0]))
    assert outcome.realised_close == 134.0
    assert outcome.realised_log_return == pytest.approx(np.log(134 / 130))
    assert outcome.realised_volatility == pytest.approx(np.sqrt((steps**2).sum()))
    assert outcome.held_log_return == pytest.approx(np.log(134 / 130))
    assert outcome.p_always_up == pytest.approx((20 + 10) / (30 + 20))


def test_candle_missing_on_the_way_leaves_the_volatility_unknown():
    outcome = judge(make_due(horizon=4), {hour: close for hour, close in RISING.items() if hour != 32})

    assert outcome.realised_log_return == pytest.approx(np.log(134 / 130))
    assert outcome.realised_volatility is None


def test_stock_that_was_scaled_anew_is_measured_in_the_new_scale():
    halved = {hour: close / 2 for hour, close in RISING.items()}

    stock, coin = judge(make_due(calendar="XNYS"), halved), judge(make_due(), halved)

    assert stock.realised_log_return == pytest.approx(np.log(131 / 130))
    assert coin.realised_log_return == pytest.approx(np.log(65.5 / 130))


def test_forecast_with_a_short_past_has_no_histvol():
    outcome = judge(make_due(), {hour: 100.0 + hour for hour in range(8, 40)})

    assert (outcome.histvol, outcome.last_direction) == (None, "up")


@pytest.mark.parametrize(("hours", "waits"), [(0, True), (95, True), (97, False)])
def test_target_without_a_candle_is_waited_for_96_candles(hours, waits):
    due = make_due()
    outcome = judge(due, {hour: 1.0 for hour in range(30)}, now=due.target_time + timedelta(hours=hours))

    assert (outcome is None) == waits


def test_hash_binds_an_outcome_to_its_forecast():
    outcome = judge(make_due(), RISING)

    assert outcome_hash(outcome, "ab") != outcome_hash(outcome, "cd")
    assert outcome_hash(outcome, "ab") != outcome_hash(outcome.model_copy(update={"histvol": 0.5}), "ab")


@pytest.mark.parametrize(
    ("timeframe", "horizon", "calendar", "before"),
    [
        # closes at midnight: the last of the day before has come
        ("1h", 1, "24/7", date(2024, 1, 8)),
        ("1h", 2, "24/7", date(2024, 1, 7)),
        ("1h", 25, "24/7", date(2024, 1, 7)),
        ("1h", 26, "24/7", date(2024, 1, 6)),
        ("1d", 3, "24/7", date(2024, 1, 6)),
        # a Monday: Friday's one-candle targets are the first closes of Monday, Thursday's two-candle ones too
        ("1d", 1, "XNYS", date(2024, 1, 8)),
        ("1d", 2, "XNYS", date(2024, 1, 5)),
        ("1h", 8, "XNYS", date(2024, 1, 5)),
        ("1h", 9, "XNYS", date(2024, 1, 4)),
    ],
)
def test_record_known_on_a_day_ends_where_targets_reach_into_it(timeframe, horizon, calendar, before):
    assert known_before(date(2024, 1, 8), timeframe=timeframe, horizon=horizon, calendar=calendar) == before


@pytest.mark.parametrize(
    ("minutes", "opened"),
    [
        (6, 130.0),
        # the open of its own candle was gone: the next one
        (7, 131.0),
        (60, 131.0),
        (119, 132.0),
        (239, None),
    ],
)
def test_forecast_made_late_is_held_from_an_open_after_it(minutes, opened):
    due = make_due(horizon=4)
    late = make_due(horizon=4, made_at=due.as_of + timedelta(minutes=minutes))

    outcome = judge(late, RISING)

    assert outcome.realised_log_return == pytest.approx(np.log(134 / 130))
    assert outcome.held_log_return == (None if opened is None else pytest.approx(np.log(134.0 / opened)))
