import json

import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.report import LEVEL_COLUMNS, fold_table, leak_alarm, summarise

RNG = np.random.default_rng(6)


def forecasts(n=900, *, skill=0.0):
    up = (RNG.random(n) < 0.5).astype(float)
    sigma = RNG.uniform(0.5, 2.0, size=n)
    log_return = sigma * RNG.normal(size=n)
    reach = {"reach_50": 0.674, "reach_80": 1.282, "reach_90": 1.645, "reach_95": 1.960}
    return pd.DataFrame(
        {
            "symbol": np.tile(["A", "B", "C"], n // 3),
            "close_time": pd.date_range("2024-01-01", periods=n, freq="h", tz="UTC"),
            "fold": np.repeat([1, 2, 3], n // 3),
            "direction": up,
            "log_return": log_return,
            "realised_volatility": sigma,
            "p_model": 0.5 + skill * (up - 0.5) + 0.01 * RNG.normal(size=n),
            "p_majority": 0.5,
            "p_last_direction": 0.5,
            "p_logistic": 0.5,
            "sigma": sigma,
            "histvol": np.ones(n),
        }
        | {name: sigma * z for name, z in reach.items()}
    )


def test_report_is_json_without_nan():
    frame = forecasts()
    frame["direction"] = 1.0

    found = summarise(frame)

    assert found["direction"]["model"]["auc"] is None
    assert json.loads(json.dumps(found, allow_nan=False))["n_test"] == 900


@pytest.mark.parametrize("level", sorted(LEVEL_COLUMNS.values()))
def test_report_of_true_gaussian_intervals_shows_their_coverage(level):
    found = summarise(forecasts(9_000))["intervals"][str(level)]

    assert found["coverage"] == pytest.approx(level, abs=0.015)
    assert found["winkler_to_histvol"] < 1.0


def test_report_of_a_coin_raises_no_alarm():
    found = summarise(forecasts())

    assert found["leak_alarm"] is None
    assert set(found["per_symbol"]) == {"A", "B", "C"}
    assert set(found["coverage_80_by_volatility"]) == {"low", "middle", "high"}


def test_report_of_a_model_that_knows_the_answer_raises_the_alarm():
    assert "look for a leak" in summarise(forecasts(skill=1.0))["leak_alarm"]


def test_alarm_starts_eight_points_above_the_majority():
    assert leak_alarm({"accuracy_low": 0.60, "majority_share": 0.52}) is None
    assert leak_alarm({"accuracy_low": 0.601, "majority_share": 0.52}) is not None


def test_fold_table_has_one_row_a_fold():
    assert fold_table(forecasts())["fold"].tolist() == [1, 2, 3]
