from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.gates import (
    alarm_gate,
    canary_gate,
    future_gate,
    prefix_gate,
    purge_gate,
    shuffled_gate,
    window_gate,
)
from candlecast.evaluation.walk_forward import Fold, WalkForward

CLOSES = pd.date_range("2024-01-01", periods=100, freq="h", tz="UTC")


def folds(horizon):
    return WalkForward(n_folds=2, horizon=horizon, purge_candles=horizon).split(
        CLOSES, CLOSES + pd.Timedelta(hours=horizon)
    )


def forecasts(p_model):
    n = len(p_model)
    return pd.DataFrame({"symbol": "A", "close_time": CLOSES[:n], "fold": 1, "p_model": p_model, "direction": np.nan})


def test_features_that_change_are_named_the_worst_first():
    gate = prefix_gate({"small": 0.1, "large": 2.0}, checked="10 candles")

    assert not gate.passed
    assert gate.line.startswith("LEAK prefix invariance: change when the future is cut off: large, small")


def test_features_that_stay_pass():
    assert prefix_gate({}, checked="10 candles").line == (
        "ok   prefix invariance: 10 candles equal when recomputed without what came after"
    )


def test_features_that_depend_on_the_start_are_named():
    assert not window_gate({"obv": 1.0}, window_candles=512).passed
    assert window_gate({}, window_candles=512).passed


@pytest.mark.parametrize(
    ("leaks", "auc", "passed"), [({"canary": np.inf}, 0.99, True), ({}, 0.99, False), ({"canary": 1.0}, 0.6, False)]
)
def test_canary_must_be_seen_by_the_check_and_by_the_pipeline(leaks, auc, passed):
    assert canary_gate(leaks, canary="canary", canary_auc=auc).passed is passed


@pytest.mark.parametrize(("aucs", "passed"), [([0.51, 0.48, 0.5], True), ([0.58, 0.6, 0.57], False)])
def test_shuffled_labels_must_give_chance(aucs, passed):
    assert shuffled_gate(aucs, deviation=0.005).passed is passed


def test_shuffled_labels_without_an_auc_do_not_pass():
    assert not shuffled_gate([float("nan")], deviation=0.005).passed


@pytest.mark.parametrize("horizon", [1, 4])
def test_zero_purge_is_caught(horizon):
    targets = CLOSES + pd.Timedelta(hours=horizon)
    honest = folds(horizon)
    planted = [replace(fold, train=np.arange(fold.test.min())) for fold in honest]

    assert purge_gate(honest, closes=CLOSES, targets=targets, horizon=horizon).passed
    gate = purge_gate(planted, closes=CLOSES, targets=targets, horizon=horizon)
    assert not gate.passed
    assert "fold 1, 2" in gate.finding


def test_training_on_test_rows_is_caught():
    shuffled = Fold(1, datetime(2024, 1, 3, tzinfo=UTC), np.arange(0, 100, 2), np.arange(1, 100, 2))

    assert not purge_gate([shuffled], closes=CLOSES, targets=CLOSES + pd.Timedelta(hours=1), horizon=1).passed


def test_forecasts_that_change_with_what_came_later_are_named():
    gate = future_gate(forecasts([0.5, 0.6, 0.7]), forecasts([0.5, 0.61]))

    assert not gate.passed
    assert gate.finding.startswith("p_model of a test row depend on later rows")


def test_forecasts_that_stay_pass_whatever_their_targets_say():
    assert future_gate(forecasts([0.5, 0.6, 0.7]), forecasts([0.5, 0.6]).assign(direction=1.0)).passed


def test_forecasts_that_were_not_made_both_ways_prove_nothing():
    assert not future_gate(forecasts([0.5]), forecasts([])).passed


def test_accuracy_eight_points_above_the_majority_is_a_leak():
    assert not alarm_gate({"accuracy_low": 0.62, "majority_share": 0.52}).passed
    assert alarm_gate({"accuracy_low": 0.55, "majority_share": 0.52}).passed
