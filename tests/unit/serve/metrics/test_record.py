from datetime import timedelta

import pandas as pd

from candlecast.record.alarms import DriftState
from candlecast.stack_figures import StoredFigures
from candlecast.storage.postgres.track_record import Summary
from candlecast.storage.postgres.use import DatabaseUse
from serve.metrics.record import RecordFigures
from tests.storage_builders import START, make_record
from tests.unit.serve.metrics.lines import lines_of

SCOPE = 'horizon="1",{}model="m1",timeframe="1h"'


def stored(**changes: object) -> StoredFigures:
    keys = {"symbol": None, "timeframe": "1h", "horizon": 1}
    levels = [
        {**keys, "model_id": model, "day": day, "level": 0.8, "n": 50, "covered": covered}
        for model, day, covered in (("m1", 1, 40), ("m1", 2, 35), ("old", 1, 50))
    ]
    days = [{**keys, "model_id": "m1", "day": day, "n": 50, "n_unsettled": 1} for day in (1, 2)]
    summary = Summary(pd.DataFrame(days), pd.DataFrame(levels), pd.DataFrame(), {(None, "1h", 1, "m1"): 2})
    drift = DriftState("1h", 1, "m1", "coverage", True, START, START, "too few hold")
    values = {
        "now": START + timedelta(days=2),
        "champions": [make_record("m1", status="champion")],
        "record": summary,
        "drifts": [drift],
        "jobs": [],
        "use": DatabaseUse(1, 1, 1),
    }
    return StoredFigures(**values | changes)


def test_coverage_of_a_champion_is_that_of_all_days_together():
    lines = lines_of(RecordFigures(stored()))

    labels = SCOPE.format('level="0.8",')
    assert f"candlecast_coverage_ratio{{{labels}}} 0.75" in lines
    assert f"candlecast_coverage_promised_ratio{{{labels}}} 0.8" in lines
    assert f"candlecast_coverage_forecasts{{{labels}}} 100.0" in lines
    assert not any('model="old"' in line for line in lines)


def test_model_age_counts_market_seconds_since_its_training():
    assert f"candlecast_model_age_seconds{{{SCOPE.format('')}}} 172800.0" in lines_of(RecordFigures(stored()))


def test_settled_missed_and_drifting_are_told():
    lines = lines_of(RecordFigures(stored()))

    assert 'candlecast_record_forecasts{horizon="1",model="m1",outcome="known",timeframe="1h"} 100.0' in lines
    assert f"candlecast_record_missed{{{SCOPE.format('')}}} 2.0" in lines
    assert 'candlecast_drift{horizon="1",kind="coverage",model="m1",timeframe="1h"} 1.0' in lines


def test_record_without_any_settled_forecast_tells_nothing_of_it():
    empty = Summary(
        pd.DataFrame(columns=["timeframe", "horizon", "model_id", "n", "n_unsettled"]),
        pd.DataFrame(columns=["timeframe", "horizon", "model_id", "level", "n", "covered"]),
        pd.DataFrame(),
        {},
    )

    assert not any("coverage_ratio{" in line for line in lines_of(RecordFigures(stored(record=empty))))
