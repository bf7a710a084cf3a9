import json

import pytest

from candlecast.evaluation.report import LEVEL_COLUMNS, fold_table, leak_alarm, summarise
from tests.forecasts_frame import make_forecasts


def test_report_is_json_without_nan():
    frame = make_forecasts()
    frame["direction"] = 1.0

    found = summarise(frame)

    assert found["direction"]["model"]["auc"] is None
    assert json.loads(json.dumps(found, allow_nan=False))["n_test"] == 900


@pytest.mark.parametrize("level", sorted(LEVEL_COLUMNS.values()))
def test_report_of_true_gaussian_intervals_shows_their_coverage(level):
    found = summarise(make_forecasts(9_000))["intervals"][str(level)]

    assert found["coverage"] == pytest.approx(level, abs=0.015)
    assert found["winkler_to_histvol"] < 1.0


def test_report_of_a_coin_raises_no_alarm():
    found = summarise(make_forecasts())

    assert found["leak_alarm"] is None
    assert set(found["per_symbol"]) == {"A", "B", "C"}
    assert set(found["coverage_80_by_volatility"]) == {"low", "middle", "high"}


def test_report_of_a_model_that_knows_the_answer_raises_the_alarm():
    assert "look for a leak" in summarise(make_forecasts(skill=1.0))["leak_alarm"]


def test_alarm_starts_eight_points_above_the_majority():
    assert leak_alarm({"accuracy_low": 0.60, "majority_share": 0.52}) is None
    assert leak_alarm({"accuracy_low": 0.601, "majority_share": 0.52}) is not None


def test_report_names_the_rank_correlation_of_each_volatility_that_is_there():
    frame = make_forecasts()

    found = summarise(frame.assign(har=frame["sigma"]))["volatility"]

    assert set(found) == {"sigma", "histvol", "har"}
    assert found["har"] == pytest.approx(1.0)


def test_fold_table_has_one_row_a_fold():
    assert fold_table(make_forecasts())["fold"].tolist() == [1, 2, 3]


def test_coverage_of_intervals_off_centre_counts_from_their_own_centre():
    forecasts = make_forecasts()
    moved = forecasts.assign(log_return=forecasts["log_return"] + 0.05, centre_80=0.05, centre_90=0.05)

    before, after = (summarise(each)["intervals"] for each in (forecasts, moved))

    assert after["0.8"]["coverage"] == before["0.8"]["coverage"]
    assert after["0.9"]["winkler"] == pytest.approx(before["0.9"]["winkler"])
    assert after["0.5"]["coverage"] < 0.1
