import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from candlecast.evaluation.bootstrap import DayBlocks

RNG = np.random.default_rng(4)
CLOSES = pd.date_range("2024-01-01", periods=24 * 60, freq="h", tz="UTC")
HOUR_S = 3_600.0


def blocks(closes=CLOSES, *, target_span_s=HOUR_S):
    return DayBlocks.of(closes, target_span_s=target_span_s)


def test_blocks_of_an_hour_ahead_are_days():
    found = blocks()

    assert found.place.tolist() == np.repeat(np.arange(60), 24).tolist()
    assert found.draws.sum(axis=1).tolist() == [60.0] * len(found.draws)


def test_blocks_of_a_day_ahead_are_twice_as_long_as_the_target_reaches():
    assert blocks(target_span_s=24 * HOUR_S).place.max() + 1 in (30, 31)


def test_symbols_of_one_day_share_its_block():
    both = CLOSES.append(CLOSES)

    place = blocks(both).place

    assert place[: len(CLOSES)].tolist() == place[len(CLOSES) :].tolist()


def test_bounds_of_a_mean_of_independent_rows_are_those_of_its_standard_error():
    values = RNG.normal(size=len(CLOSES))

    low, high = blocks().mean(values)

    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(len(CLOSES)), rel=0.25)


def test_bounds_of_rows_that_move_as_one_a_day_are_those_of_the_days():
    days = np.repeat(RNG.normal(size=60), 24)

    low, high = blocks().mean(days)

    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(60), rel=0.3)


def test_bounds_of_a_mean_leave_out_what_is_unknown():
    values = np.where(np.arange(len(CLOSES)) % 2 == 0, 1.0, np.nan)

    assert blocks().mean(values) == (1.0, 1.0)


def test_auc_of_rows_drawn_again_equals_the_slow_way():
    score, up = np.round(RNG.random(len(CLOSES)), 1), (RNG.random(len(CLOSES)) < 0.5).astype(float)
    few = blocks()
    few = DayBlocks(few.place, few.draws[:20])

    low, high = few.auc(score, up)

    slow = [roc_auc_score(up, score, sample_weight=drawn[few.place]) for drawn in few.draws]
    assert (low, high) == pytest.approx(tuple(np.quantile(slow, [0.025, 0.975])))


def test_rank_correlation_of_equal_columns_is_one():
    values = RNG.random(len(CLOSES))

    assert blocks().correlation(values, 2 * values) == pytest.approx((1.0, 1.0))


def test_bounds_from_a_few_days_are_unknown():
    short = CLOSES[:100]

    low, high = blocks(short).mean(np.ones(100))

    assert math.isnan(low)
    assert math.isnan(high)
