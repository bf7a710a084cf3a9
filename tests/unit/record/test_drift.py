"""Does a drift alarm ring when the loss rises or intervals stop to hold, and only then?"""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.record.alarms import DriftState, drift_check
from candlecast.record.drift import CandleScore, RecordMonitor, candle_scores
from tests.storage_builders import START


def feed(monitor: RecordMonitor, losses, inside=(0.8, 0.9)) -> RecordMonitor:
    for hour, loss in enumerate(losses):
        monitor.observe(CandleScore(START + timedelta(hours=hour), float(loss), inside))
    return monitor


def noise(n: int, mean: float, *, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.05, n)


def test_loss_that_stays_is_no_drift():
    found = feed(RecordMonitor(), noise(1_500, 0.69)).loss()

    assert not found.alarm
    assert "1,500 candles" in found.detail


def test_loss_that_rises_is_drift_and_says_so():
    found = feed(RecordMonitor(), [*noise(600, 0.69), *noise(200, 0.80)]).loss()

    assert found.alarm
    assert found.detail.startswith("mean log loss went from 0.")


def test_loss_that_falls_is_no_drift():
    assert not feed(RecordMonitor(), [*noise(600, 0.69), *noise(200, 0.55)]).loss().alarm


def test_alarm_is_over_after_500_candles_without_another():
    assert not feed(RecordMonitor(), [*noise(600, 0.69), *noise(900, 0.80)]).loss().alarm


@pytest.mark.parametrize(
    ("inside", "alarm"), [((0.8, 0.9), False), ((0.76, 0.9), False), ((0.7, 0.85), True), ((0.9, 0.99), True)]
)
def test_coverage_that_is_surely_another_is_drift(inside, alarm):
    found = feed(RecordMonitor(), noise(400, 0.69), inside).coverage()

    assert found.alarm == alarm


@pytest.mark.parametrize(("horizon", "alarm"), [(1, True), (24, False)])
def test_coverage_of_targets_that_overlap_is_less_sure(horizon, alarm):
    assert feed(RecordMonitor(horizon), noise(500, 0.69), (0.72, 0.9)).coverage().alarm == alarm


def test_losses_of_targets_that_overlap_are_no_drift():
    rng = np.random.default_rng(11)
    # each loss is the mean of the last 24 moves, as that of targets 24 candles ahead
    moves = rng.normal(0.69, 0.6, 6_024)
    losses = np.convolve(moves, np.full(24, 1 / 24), mode="valid")

    alarms = 0
    for part in np.split(losses[:6_000], 4):
        alarms += feed(RecordMonitor(24), part).loss().alarm
    assert alarms == 0
    assert any(feed(RecordMonitor(), part).loss().alarm for part in np.split(losses[:6_000], 4))


def test_loss_of_a_far_horizon_that_rises_is_drift():
    found = feed(RecordMonitor(4), [*noise(1_200, 0.69), *noise(400, 0.85)]).loss()

    assert found.alarm


def test_coverage_of_few_candles_tells_nothing():
    found = feed(RecordMonitor(), noise(99, 0.69), (0.1, 0.1)).coverage()

    assert not found.alarm
    assert "100 are needed" in found.detail


def test_symbols_of_one_close_count_as_one_candle():
    closes = pd.to_datetime([START, START, START + timedelta(hours=1)], utc=True)
    frame = pd.DataFrame(
        {"close_time": closes, "p_up": [0.5, 0.9, 0.5], "log_return": [0.1, -0.1, 0.1], "inside_80": [1.0, 0.0, 1.0]}
    )

    first, second = candle_scores(frame)

    assert first.as_of == START
    assert first.log_loss == pytest.approx(-0.5 * (np.log(0.5) + np.log(0.1)))
    assert first.inside[0] == 0.5
    assert np.isnan(first.inside[1])
    assert second.log_loss == pytest.approx(-np.log(0.5))


def test_check_names_what_drifts_since_when():
    state = DriftState("1h", 4, "m1", "loss", True, START, START, "mean log loss went up; train again")

    found = drift_check([state])

    assert not found.ok
    assert found.detail == "loss of 1h h=4 since 2022-01-01 00:00Z: mean log loss went up; train again"
    assert drift_check([]).ok
