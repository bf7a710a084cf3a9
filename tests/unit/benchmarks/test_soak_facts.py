from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from benchmarks.soak.facts import Difference, cache_reads, compare, differing, pooled_coverage

BEGIN = datetime(2021, 1, 4, tzinfo=UTC)


def candles(n=5, symbol="S00/USDT"):
    opens = [BEGIN + timedelta(hours=place) for place in range(n)]
    prices = {name: [100.0 + place for place in range(n)] for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame({"symbol": symbol, "open_time": opens, **prices})


def test_compare_of_equal_candles_finds_nothing():
    assert compare(candles(), candles()) == Difference(5, 0, 0, 0)
    assert compare(candles(), candles()).none


def test_compare_counts_a_candle_that_is_not_stored_as_lost():
    assert compare(candles(), candles().drop(index=2)) == Difference(5, 1, 0, 0)


def test_compare_counts_a_candle_stored_twice_as_doubled():
    twice = pd.concat([candles(), candles().iloc[[1]]])

    assert compare(candles(), twice) == Difference(5, 0, 1, 0)


@pytest.mark.parametrize("column", ["open", "close", "volume"])
def test_compare_counts_other_values_as_wrong(column):
    stored = candles()
    stored.loc[3, column] += 0.0001

    assert compare(candles(), stored) == Difference(5, 0, 0, 1)


def test_compare_counts_a_candle_that_the_source_does_not_have_as_wrong():
    assert compare(candles(4), candles(5)) == Difference(4, 0, 0, 1)


def test_differing_of_equal_figures_is_nothing():
    figures = {"m1": {"n": 10.0, "brier": 0.25}}

    assert differing(figures, {"m1": {"n": 10.0, "brier": 0.25 + 1e-12, "accuracy": 0.6}}) == []


def test_differing_names_figure_and_both_values():
    [line] = differing({"m1": {"n": 10.0}}, {"m1": {"n": 11.0}})

    assert line == "m1 n: 10.0 by SQL, 11.0 by the API"


def test_differing_names_a_model_of_one_side():
    assert differing({"m1": {"n": 1.0}}, {}) == ["m1: on one side only"]


def test_pooled_coverage_weighs_models_by_their_forecasts():
    figures = {"m1": {"n": 30.0, "coverage_80": 0.9}, "m2": {"n": 10.0, "coverage_80": 0.5}}

    assert pooled_coverage(figures) == {0.8: (pytest.approx(0.8), 40)}


def test_cache_reads_adds_kinds_up_by_outcome():
    text = """# TYPE candlecast_cache_reads_total counter
candlecast_cache_reads_total{kind="price",outcome="hit"} 7.0
candlecast_cache_reads_total{kind="forecast",outcome="hit"} 3.0
candlecast_cache_reads_total{kind="forecast",outcome="miss"} 1.0
candlecast_redis_up 1.0
"""

    assert cache_reads(text) == {"hit": 10, "miss": 1}
