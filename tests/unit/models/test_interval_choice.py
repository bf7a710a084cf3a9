from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from candlecast.features.table import FEATURE_NAMES
from candlecast.models.interval_choice import (
    LEARNED,
    MAX_P_VALUE,
    SCALED,
    IntervalChoice,
    Slice,
    choose_intervals,
)
from candlecast.models.rows import PanelRows
from candlecast.models.volatility import Effort, Volatility

N_OLD, N_NEW = 4_000, 1_400
EFFORT = Effort(max_rows=3_000)


def rows_of(*, skew: float) -> PanelRows:
    # with a skew, falls are longer where adx_14 is high, rises where it is low
    rng, n = np.random.default_rng(5), N_OLD + N_NEW
    features = rng.normal(size=(n, len(FEATURE_NAMES))).astype(np.float32)
    log_return = 0.01 * rng.normal(size=n)
    long = (features[:, FEATURE_NAMES.index("adx_14")] > 0.0) == (log_return < 0.0)
    log_return[long] *= 1.0 + skew
    closes = pd.date_range("2022-01-01", periods=n, freq="h", tz="UTC")
    return PanelRows(
        features=features,
        targets=pd.DataFrame({"log_return": log_return, "direction": (log_return > 0).astype(float)}),
        closes=pd.DatetimeIndex(closes),
        symbol=np.zeros(n, dtype=np.int64),
        names=("BTC/USDT",),
        feature_names=FEATURE_NAMES,
        scored_by=(),
    )


@lru_cache(maxsize=1)
def even() -> Volatility:
    """A volatility of one in a hundred, whatever the row says."""
    features = np.zeros((300, len(FEATURE_NAMES)), dtype=np.float32)
    flat = np.full(300, np.log(0.01))
    return Volatility.fit(features, range_volatility=flat, log_return=np.full(300, 0.01), horizon=1)


def choose(rows: PanelRows, *, n_new: int = N_NEW):
    old, new = np.arange(N_OLD), np.arange(N_OLD, N_OLD + n_new)
    return choose_intervals(Slice(rows, old, new, "1h", 1), volatility=even(), effort=EFFORT)


def test_choice_where_sides_differ_is_learned_quantiles():
    quantiles, choice = choose(rows_of(skew=4.0))

    assert quantiles is not None
    assert choice.kind == LEARNED
    assert choice.score_ratio < 0.95
    assert choice.p_value < MAX_P_VALUE
    assert 1_000 < choice.n < N_NEW


def test_choice_where_nothing_differs_is_the_scaled_volatility():
    quantiles, choice = choose(rows_of(skew=0.0))

    assert quantiles is None
    assert choice.kind == SCALED
    assert choice.score_ratio == pytest.approx(1.0, abs=0.05)
    assert choice.p_value > MAX_P_VALUE


def test_choice_on_less_than_thirty_days_is_the_scaled_volatility_unasked():
    assert choose(rows_of(skew=4.0), n_new=600) == (None, IntervalChoice(SCALED, None, None, 0))
