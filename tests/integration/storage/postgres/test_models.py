from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.storage.postgres.models import ModelStore
from tests.storage_builders import START, make_record


@pytest.fixture
def store(database):
    return ModelStore(database)


def test_model_once_inserted_is_got_unchanged(store):
    record = make_record(metrics={"nested": {"auc": 0.57}, "folds": [1, 2]})

    store.insert(record)

    assert store.get("m1") == record
    assert store.get("m2") is None


def test_model_metrics_of_numpy_and_nan_are_stored_as_json(store):
    store.insert(make_record(metrics={"auc": np.float64(0.5), "lost": float("nan"), "levels": np.array([1, 2])}))

    found = store.get("m1")

    assert found is not None
    assert found.metrics == {"auc": 0.5, "lost": None, "levels": [1, 2]}


def test_model_inserted_again_stays_as_it_is(store):
    store.insert(make_record())
    champion = store.promote("m1", promoted_at=START)

    assert store.insert(make_record(metrics={"accuracy": 0.9})) == champion


def test_model_of_a_known_id_and_another_digest_is_refused(store):
    store.insert(make_record())

    with pytest.raises(InvalidRequestError, match="another SHA-256"):
        store.insert(make_record(sha256="cd" * 32))


def test_withdrawn_model_is_pruned_and_cannot_be_promoted_until_it_is_trained_again(store):
    store.insert(make_record())

    assert store.withdraw("m1")
    assert store.get("m1").pruned
    with pytest.raises(InvalidRequestError, match="were pruned; train it again"):
        store.promote("m1", promoted_at=START)
    assert not store.insert(make_record()).pruned
    assert store.promote("m1", promoted_at=START).status == "champion"


def test_champion_is_not_withdrawn(store):
    store.insert(make_record())
    store.promote("m1", promoted_at=START)

    assert not store.withdraw("m1")
    assert not store.get("m1").pruned


def test_list_names_the_newest_model_first(store):
    for days, name in enumerate(("old", "new")):
        store.insert(make_record(name, trained_at=START + timedelta(days=days)))
    store.insert(make_record("other", timeframe="4h", trained_at=START))

    assert [record.id for record in store.list("1h", 1)] == ["new", "old"]
    assert [record.id for record in store.list(horizon=1)] == ["new", "old", "other"]
    assert store.list("1d") == []


def test_champion_before_any_promotion_is_none(store):
    store.insert(make_record())

    assert store.champion("1h", 1) is None


def test_promote_retires_the_champion_of_the_same_scope_only(store):
    for name, timeframe in (("m1", "1h"), ("m2", "1h"), ("m4", "4h")):
        store.insert(make_record(name, timeframe=timeframe))
        store.promote(name, promoted_at=START)

    assert {record.id: record.status for record in store.list()} == {
        "m1": "retired",
        "m2": "champion",
        "m4": "champion",
    }


def test_promote_of_the_champion_keeps_it(store):
    record = make_record()
    store.insert(record)

    store.promote("m1", promoted_at=START)
    champion = store.promote("m1", promoted_at=START)

    assert champion == replace(record, status="champion", promoted_at=START)
    assert store.champion("1h", 1) == champion


def test_promote_of_unknown_model_is_refused(store):
    with pytest.raises(InvalidRequestError, match="'nobody' is not stored"):
        store.promote("nobody", promoted_at=START)


def test_promotions_at_once_leave_exactly_one_champion(store):
    names = [f"m{number}" for number in range(8)]
    for name in names:
        store.insert(make_record(name))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: store.promote(name, promoted_at=START), names * 3))

    statuses = [record.status for record in store.list("1h", 1)]
    assert statuses.count("champion") == 1
    assert statuses.count("retired") == 7


def test_standing_is_each_champion_and_the_newer_candidates_with_files(store):
    for day, name in enumerate(("older", "champion", "newer", "newest", "pruned")):
        store.insert(make_record(name, trained_at=START + timedelta(days=day)))
    store.insert(make_record("alone", horizon=4))
    store.promote("champion", promoted_at=START)
    store.withdraw("pruned")

    assert [record.id for record in store.standing()] == ["newest", "newer", "champion"]
    assert store.champion_ids() == {("1h", 1): "champion"}
