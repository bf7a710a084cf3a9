"""Does a study outlive the process that began it?"""

from datetime import timedelta

import pytest

from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.trials import StoredTrial, Study, StudyScope, TrialStore
from tests.storage_builders import START, make_record

SCOPE = StudyScope(["BTC/USDT", "ETH/USDT"], "1h", 1, "optuna")
OTHER = StudyScope(["ADA/USDT"], "1h", 1, "optuna")


@pytest.fixture
def store(database):
    ModelStore(database).insert(make_record())
    return TrialStore(database)


def begin(store, name: str = "s1", scope: StudyScope = SCOPE) -> Study:
    study = Study(name, scope, as_of=START, data_digest="ab" * 32, started_at=START)
    store.begin(study)
    return study


def trial(score: float | None, **params: float) -> StoredTrial:
    return StoredTrial(params, score, 40, START)


def finish(store, study: Study, *, model_id: str | None = "m1") -> None:
    store.finish(study.id, outcome={"gain": 0.1}, model_id=model_id, finished_at=START + timedelta(hours=1))


def test_study_that_has_not_ended_is_found_by_its_scope(store):
    study = begin(store)
    begin(store, "s2", OTHER)

    assert store.open_study(SCOPE) == study
    finish(store, study)
    assert store.open_study(SCOPE) is None


def test_trials_are_numbered_by_study_and_kept_in_order(store):
    for study in (begin(store), begin(store, "s2")):
        store.add(study.id, trial(0.69, max_depth=3))
        store.add(study.id, trial(None, max_depth=9))

    assert store.trials("s1") == [trial(0.69, max_depth=3), trial(None, max_depth=9)]


def test_last_winner_is_the_best_trial_of_the_newest_study_that_led_to_a_model(store):
    for number, name in enumerate(("old", "new", "given up")):
        study = begin(store, name)
        store.add(study.id, trial(None, max_depth=0))
        store.add(study.id, trial(0.69, max_depth=number))
        store.add(study.id, trial(0.68, max_depth=number + 10))
        finish(store, study, model_id=None if name == "given up" else "m1")

    assert store.last_winner(SCOPE) == {"max_depth": 11}


def test_last_winner_of_the_same_symbols_goes_before_a_newer_one_of_others(store):
    for scope, depth in ((SCOPE, 3), (OTHER, 4)):
        study = begin(store, f"s{depth}", scope)
        store.add(study.id, trial(0.69, max_depth=depth))
        finish(store, study)

    assert store.last_winner(SCOPE) == {"max_depth": 3}
    assert store.last_winner(StudyScope(["SOL/USDT"], "1h", 1, "optuna")) == {"max_depth": 4}
    assert store.last_winner(StudyScope(["BTC/USDT"], "4h", 1, "optuna")) is None
