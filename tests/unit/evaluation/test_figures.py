import math

import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.bootstrap import DayBlocks
from candlecast.evaluation.figures import (
    coverage_figures,
    direction_figures,
    edge_figures,
    interval_figures,
    volatility_figures,
)
from candlecast.evaluation.metrics import direction_metrics
from tests.forecasts_frame import make_forecasts


def blocks_of(frame):
    return DayBlocks.of(pd.DatetimeIndex(frame["close_time"]), target_span_s=3_600, n_resamples=60)


FRAME = make_forecasts(3_000, skill=0.1)
BLOCKS = blocks_of(FRAME)


def by_metric(figures):
    return {(figure.metric, figure.part): figure for figure in figures}


def test_direction_figures_are_those_of_the_metrics_with_bounds_around_them():
    found = by_metric(direction_figures(FRAME, BLOCKS))
    plain = direction_metrics(FRAME["p_model"].to_numpy(), FRAME["direction"].to_numpy())

    for metric in ("accuracy", "auc", "brier", "log_loss", "top_decile_accuracy"):
        figure = found[metric, ""]
        assert figure.value == plain[metric]
        assert figure.bounds[0] <= figure.value <= figure.bounds[1] + 1e-9
    assert found["accuracy", ""].beside["majority"] == pytest.approx(1 - FRAME["direction"].mean(), abs=0.5)
    assert found["top_decile_accuracy", ""].n == 300
    assert found["ece", ""].value == plain["calibration_error"]


def test_interval_score_against_a_rival_twice_as_wide_is_below_one():
    wide = FRAME.assign(**{f"har_reach_{p}": 2 * FRAME[f"reach_{p}"] for p in (50, 80, 90, 95)})

    found = by_metric(interval_figures(wide, BLOCKS))

    assert found["interval_score_vs_har_90", ""].value < 0.9
    assert found["coverage_90", ""].beside["har"] > found["coverage_90", ""].value
    assert found["coverage_80", ""].value == pytest.approx(0.8, abs=0.03)


def test_interval_figures_without_a_har_baseline_leave_it_out():
    assert not [figure for figure in interval_figures(FRAME, BLOCKS) if "har" in figure.metric]


def test_coverage_is_given_for_each_third_of_sigma_and_each_quarter():
    found = by_metric(coverage_figures(FRAME, BLOCKS))

    terciles = [found["coverage_80", f"tercile {name}"] for name in ("low", "middle", "high")]
    quarters = [figure for (metric, part), figure in found.items() if metric == "coverage_80" and "quarter" in part]
    assert [figure.n for figure in terciles] == [1_000] * 3
    assert sum(figure.n for figure in quarters) == 3_000
    assert "quarter 2024Q1" in {part for _, part in found}


def test_coverage_of_the_wild_third_falls_when_intervals_ignore_volatility():
    even = FRAME.assign(reach_80=FRAME["reach_80"].mean())

    found = by_metric(coverage_figures(even, BLOCKS))

    assert found["coverage_80", "tercile high"].value < 0.75
    assert found["coverage_80", "tercile low"].value > 0.85


def test_volatility_known_in_advance_has_rank_correlation_one():
    (figure,) = volatility_figures(FRAME, BLOCKS)

    assert figure.value == pytest.approx(1.0)
    assert set(figure.beside) == {"histvol"}


def test_edge_after_costs_is_lower_and_holding_stands_beside_it():
    found = by_metric(edge_figures(FRAME, cost_bps=10.0, blocks_of=blocks_of))

    before, after = found["edge_bps", "every call"], found["edge_after_costs_bps", "every call"]
    assert after.value < before.value
    assert before.n == 3_000
    assert before.beside["always long"] == pytest.approx(np.expm1(FRAME["log_return"]).mean() * 1e4)


def test_edge_of_no_position_is_undefined():
    unsure = FRAME.assign(p_model=0.5)

    found = by_metric(edge_figures(unsure, cost_bps=10.0, blocks_of=blocks_of))

    assert math.isnan(found["edge_bps", "calls beyond their cost"].value)
