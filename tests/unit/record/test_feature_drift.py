"""Are features that come from another market noticed, and those of the same one left alone?"""

import numpy as np
import pytest

from candlecast.record.feature_drift import (
    WATCHED,
    WINDOW_CANDLES,
    FeatureProfile,
    feature_windows,
    stability,
)
from tests.builders import make_candles


def windows(n: int, *, seed: int = 1, scale: float = 1.0, moved: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    made = [rng.normal(0.0, 1.0, (WINDOW_CANDLES, len(WATCHED))) for _ in range(n)]
    for window in made:
        window[:, :moved] *= scale
    return made


def test_stability_is_the_index_of_siddiqi():
    expected, found = np.array([[0.5, 0.5]]), np.array([[0.6, 0.4]])

    assert stability(expected, found)[0] == pytest.approx(0.1 * np.log(0.6 / 0.5) - 0.1 * np.log(0.4 / 0.5))
    assert stability(expected, expected)[0] == 0.0


def test_window_like_those_of_training_is_no_drift():
    found = FeatureProfile.of(windows(8)).judge(windows(1, seed=9)[0])

    assert not found.alarm
    assert found.detail.startswith("0 of ")


def test_window_unlike_training_is_drift_and_names_features():
    found = FeatureProfile.of(windows(8)).judge(windows(1, seed=9, scale=4.0, moved=len(WATCHED) // 2)[0])

    assert found.alarm
    assert "PSI" in found.detail


def test_few_features_unlike_training_are_told_without_an_alarm():
    found = FeatureProfile.of(windows(8)).judge(windows(1, seed=9, scale=4.0, moved=3)[0])

    assert not found.alarm
    assert found.detail.startswith("3 of ")


def test_column_that_was_never_known_is_no_drift():
    known = windows(5)
    for window in known:
        window[:, 0] = np.nan

    assert not FeatureProfile.of(known).judge(known[-1]).alarm


def test_windows_are_cut_from_the_newest_row_back():
    panel = {name: make_candles(1_700, symbol=name) for name in ("BTC/USDT", "ETH/USDT")}

    found = feature_windows(panel)

    assert [window.shape for window in found] == [(2 * WINDOW_CANDLES, len(WATCHED))] * 2
    assert np.isfinite(found[-1][:, WATCHED.index("rsi_14")]).all()
