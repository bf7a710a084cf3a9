"""Are models swapped whole, and only for others that work?"""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from candlecast.errors import ModelIntegrityError, ModelNotReadyError, StorageError
from candlecast.forecasts import champions as module
from candlecast.forecasts.champions import Champions
from candlecast.models.artefacts import save_model
from candlecast.registry import Registry
from tests.storage_builders import START, make_record
from tests.trained import small_result
from tests.unit.test_registry import InMemoryModelStore

DAY = timedelta(days=1)


@pytest.fixture
def store():
    return InMemoryModelStore()


@pytest.fixture
def registry(store, tmp_path):
    return Registry(store, tmp_path)


@pytest.fixture
def add(registry, tmp_path):
    """Register one trained model under many names, each newer than the one before."""
    info = save_model(small_result().model, tmp_path)
    ages = iter(range(100))

    def add(name, **overrides):
        given = {"sha256": info.sha256, "artefact_path": str(info.path), "trained_at": START + next(ages) * DAY}
        return registry.register(make_record(name, **(given | overrides)))

    return add


def promote(registry, name):
    registry.promote(name, promoted_at=START)


def test_promoted_model_takes_the_place_of_the_one_before_at_the_next_reload(registry, add):
    champions = Champions(registry)
    add("a"), add("b")
    promote(registry, "a")
    before = champions.get("1h", 1)

    promote(registry, "b")
    champions.reload()

    assert (before.id, champions.get("1h", 1).id) == ("a", "b")
    assert champions.served("1h") == (1,)


def test_base_and_the_pushes_of_all_features_sum_to_the_log_odds(registry, add):
    add("a")
    promote(registry, "a")
    champion = Champions(registry).get("1h", 1)
    row = np.random.default_rng(5).normal(size=(1, len(champion.model.facts.feature_names)))

    p_up, pushes = champion.model.p_up(row)[0], champion.model.contributions(row)

    assert champion.base_log_odds + pushes.sum() == pytest.approx(np.log(p_up / (1 - p_up)), abs=1e-4)


def test_get_without_a_promoted_model_says_how_to_train_one(registry, add):
    add("a")

    with pytest.raises(ModelNotReadyError, match="candlecast train"):
        Champions(registry).get("1h", 1)


def test_model_that_does_not_load_leaves_the_one_before_in_place(registry, add, store):
    champions = Champions(registry)
    add("a"), add("b")
    store.records["b"] = replace(store.records["b"], sha256="00" * 32)
    promote(registry, "a")
    champions.reload()

    store.promote("b", promoted_at=START)
    champions.reload()

    assert champions.get("1h", 1).id == "a"
    with pytest.raises(ModelIntegrityError):
        Champions(registry).get("1h", 1)


def test_model_that_answers_what_is_not_finite_is_not_taken(registry, add, tmp_path):
    champions = Champions(registry)
    sound = small_result().model
    model = replace(sound, calibration=replace(sound.calibration, slope=float("nan")))
    info = save_model(model, tmp_path / "broken")
    add("a")
    registry.register(make_record("sick", sha256=info.sha256, artefact_path=str(info.path)))
    promote(registry, "sick")

    with pytest.raises(ModelIntegrityError, match="not finite"):
        champions.get("1h", 1)


def test_shadows_are_the_two_newest_challengers_that_load(registry, add, store):
    for name in ("old", "champion", "c1", "c2", "c3"):
        add(name)
    promote(registry, "champion")
    store.records["c3"] = replace(store.records["c3"], sha256="00" * 32)

    assert [one.id for one in Champions(registry).shadows("1h", 1)] == ["c2", "c1"]
    assert Champions(registry).shadows("1h", 4) == ()


def test_models_that_stay_are_not_loaded_again(registry, add, monkeypatch):
    champions = Champions(registry)
    add("a")
    promote(registry, "a")
    champions.reload()
    monkeypatch.setattr(module, "load_model", None)

    champions.reload()

    assert champions.get("1h", 1).id == "a"


def test_database_that_is_down_leaves_the_models_in_place(registry, add, store, monkeypatch):
    champions = Champions(registry)
    add("a")
    promote(registry, "a")
    champions.reload()
    monkeypatch.setattr(module, "_CHECK_INTERVAL_S", 0.0)
    monkeypatch.setattr(store, "standing", _down)

    assert champions.get("1h", 1).id == "a"
    with pytest.raises(StorageError):
        Champions(registry).get("1h", 1)


def _down():
    raise StorageError("refused")
