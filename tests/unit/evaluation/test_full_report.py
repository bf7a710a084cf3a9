import json

import pytest

from candlecast.evaluation.full_report import Protocol, full_report
from tests.forecasts_frame import make_forecasts

PROTOCOL = Protocol("1h", 1, 3, embargo_candles=24, train_candles=500, trained_on=("A", "B", "C", "D"))


@pytest.fixture(scope="module")
def report():
    return full_report(make_forecasts(), protocol=PROTOCOL, importance={"gain": {"rsi_14": 0.7, "return_1": 0.3}})


def test_report_is_json_and_undefined_figures_are_none(report):
    again = json.loads(json.dumps(report, allow_nan=False))

    undefined = [figure for figure in again["figures"] if figure["metric"] == "ece"]
    assert again["n_test"] == 900
    assert {figure["low"] for figure in undefined} == {None}


def test_report_holds_every_figure_pooled_and_of_each_symbol(report):
    named = {(figure["symbol"], figure["metric"]) for figure in report["figures"]}

    wanted = ("accuracy", "balanced_accuracy", "auc", "brier", "log_loss", "ece", "top_decile_accuracy")
    wanted += ("coverage_50", "coverage_80", "coverage_90", "coverage_95", "width_90", "volatility_ic")
    wanted += ("interval_score_vs_histvol_90", "edge_bps", "edge_after_costs_bps")
    assert {(symbol, metric) for symbol in ("pooled", "A", "B", "C") for metric in wanted} <= named


def test_report_of_one_symbol_is_pooled_alone():
    frame = make_forecasts()

    found = full_report(frame[frame["symbol"] == "A"], protocol=PROTOCOL)

    assert {figure["symbol"] for figure in found["figures"]} == {"pooled"}
    assert found["symbols"] == ["A"]


def test_report_holds_the_curves_of_its_charts(report):
    assert [row["n"] for row in report["reliability"]] == [90] * 10
    assert [row["month"] for row in report["coverage_by_month"]] == ["2024-01"]
    assert set(report["equity"]) == {"every call", "calls beyond their cost", "always long"}
    assert [row["fold"] for row in report["folds"]] == [1, 2, 3]
