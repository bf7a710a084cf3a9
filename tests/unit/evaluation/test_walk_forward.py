from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.evaluation.walk_forward import WalkForward


def hours(n, *, horizon=1):
    closes = pd.date_range("2024-01-01", periods=n, freq="h", tz="UTC")
    return closes, closes + pd.Timedelta(hours=horizon)


def test_purge_shorter_than_the_horizon_is_refused():
    with pytest.raises(InvalidRequestError, match=r"purge_candles must be at least horizon \(4\), was 3"):
        WalkForward(n_folds=3, horizon=4, purge_candles=3)


def test_rolling_walk_forward_learns_from_the_newest_candles_alone():
    closes, targets = hours(20)

    folds = WalkForward(
        n_folds=2, horizon=1, purge_candles=1, embargo_candles=2, test_share=0.4, train_candles=5
    ).split(closes, targets)

    assert [fold.train.tolist() for fold in folds] == [[4, 5, 6, 7, 8], [8, 9, 10, 11, 12]]
    assert [fold.test.tolist() for fold in folds] == [[12, 13, 14, 15], [16, 17, 18, 19]]


def test_rolling_walk_forward_over_nothing_is_refused():
    with pytest.raises(InvalidRequestError, match="train_candles must be at least 1, was 0"):
        WalkForward(n_folds=1, horizon=1, purge_candles=1, train_candles=0)


@pytest.mark.parametrize("wrong", [{"n_folds": 0}, {"embargo_candles": -1}, {"test_share": 1.0}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidRequestError, match="walk-forward needs"):
        WalkForward(**({"n_folds": 2, "horizon": 1, "purge_candles": 1} | wrong))


def test_folds_of_ten_candles_are_those_written_out():
    closes, targets = hours(10)

    folds = WalkForward(n_folds=2, horizon=1, purge_candles=1, test_share=0.4).split(closes, targets)

    assert [fold.train.tolist() for fold in folds] == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6]]
    assert [fold.test.tolist() for fold in folds] == [[6, 7], [8, 9]]
    assert folds[0].cutoff == datetime(2024, 1, 1, 6, tzinfo=UTC)


@settings(deadline=None)
@given(
    n=st.integers(60, 300),
    n_folds=st.integers(1, 4),
    horizon=st.integers(1, 6),
    purge=st.integers(0, 5),
    embargo=st.integers(0, 5),
)
def test_training_targets_never_reach_the_test_part(n, n_folds, horizon, purge, embargo):
    closes, targets = hours(n, horizon=horizon)
    splitter = WalkForward(n_folds=n_folds, horizon=horizon, purge_candles=horizon + purge, embargo_candles=embargo)

    folds = splitter.split(closes, targets)

    assert np.concatenate([fold.test for fold in folds]).tolist() == list(range(round(n / 2), n))
    for fold in folds:
        assert targets[fold.train].max() < closes[fold.test].min()
        assert fold.test.min() - fold.train.max() > horizon + purge + embargo


def test_symbols_of_a_panel_share_the_cutoffs():
    long, long_targets = hours(100)
    short, short_targets = long[70:], long_targets[70:]

    folds = WalkForward(n_folds=2, horizon=1, purge_candles=1).split(
        long.append(short), long_targets.append(short_targets)
    )

    assert folds[0].train.max() < 100
    assert set(folds[1].test) == {*range(75, 100), *range(105, 130)}


def test_rows_whose_target_skips_a_weekend_are_purged():
    closes = pd.DatetimeIndex(["2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07"], tz="UTC")
    targets = pd.DatetimeIndex(["2024-01-08", "2024-01-08", "2024-01-07", "2024-01-09"], tz="UTC")

    with pytest.raises(InsufficientHistoryError):
        WalkForward(n_folds=1, horizon=1, purge_candles=1, test_share=0.25).split(closes, targets)


def test_a_given_test_start_is_the_first_cutoff():
    closes, targets = hours(100)
    start = datetime(2024, 1, 3, tzinfo=UTC)

    folds = WalkForward(n_folds=1, horizon=1, purge_candles=1, test_start=start).split(closes, targets)

    assert folds[0].cutoff == start


def test_too_few_candles_are_named():
    closes, targets = hours(6)

    with pytest.raises(InsufficientHistoryError, match="6 candles are too few for 3 folds"):
        WalkForward(n_folds=3, horizon=2, purge_candles=2, embargo_candles=4).split(closes, targets)
