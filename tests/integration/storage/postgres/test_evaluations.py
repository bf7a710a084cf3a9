from dataclasses import replace
from datetime import timedelta

import pytest

from candlecast.storage.postgres.evaluations import EvaluationRecord, EvaluationStore
from candlecast.storage.postgres.models import ModelStore
from tests.storage_builders import START, make_record


@pytest.fixture
def record():
    return EvaluationRecord("1h", 1, "m1", START, {"figures": [{"metric": "auc", "value": 0.57}], "leak_alarm": None})


def test_newest_evaluation_of_a_horizon_is_got_unchanged(database, record):
    ModelStore(database).insert(make_record())
    store = EvaluationStore(database)
    later = replace(record, evaluated_at=START + timedelta(days=1), model_id=None)

    numbers = [store.insert(one) for one in (record, later, replace(record, horizon=4))]

    assert numbers == sorted(numbers)
    assert store.newest("1h", 1) == later
    assert store.newest("1h", 4) == replace(record, horizon=4)
    assert store.newest("1d", 1) is None
