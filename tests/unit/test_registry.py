from dataclasses import replace
from datetime import timedelta

import pytest

from candlecast.errors import InvalidRequestError, ModelIntegrityError, ModelNotReadyError
from candlecast.registry import Registry
from candlecast.storage.postgres.models import ModelRecord
from tests.storage_builders import START, make_record


class InMemoryModelStore:
    def __init__(self):
        self.records: dict[str, ModelRecord] = {}

    def insert(self, record):
        self.records[record.id] = record

    def champion(self, timeframe, horizon):
        return next((r for r in self.list(timeframe, horizon) if r.status == "champion"), None)

    def list(self, timeframe, horizon):
        return [r for r in self.records.values() if (r.timeframe, r.horizon) == (timeframe, horizon)]

    def promote(self, model_id, *, promoted_at):
        for record in self.list(self.records[model_id].timeframe, self.records[model_id].horizon):
            if record.status == "champion":
                self.records[record.id] = replace(record, status="retired")
        self.records[model_id] = replace(self.records[model_id], status="champion", promoted_at=promoted_at)
        return self.records[model_id]


@pytest.fixture
def registry(tmp_path):
    for name in ("m1", "m2"):
        (tmp_path / name).mkdir()
    return Registry(InMemoryModelStore(), tmp_path)


def test_register_with_absolute_path_stores_it_relative(registry, tmp_path):
    stored = registry.register(make_record(artefact_path=str(tmp_path / "m1")))

    assert stored.artefact_path == "m1"
    assert registry.artefact(stored) == tmp_path / "m1"


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "missing"])
def test_register_with_artefact_elsewhere_is_refused(registry, path):
    with pytest.raises(InvalidRequestError, match="must lie in"):
        registry.register(make_record(artefact_path=path))


def test_register_of_a_champion_makes_it_a_candidate(registry):
    assert registry.register(make_record(status="champion")).status == "candidate"


def test_champion_without_promotion_says_to_train(registry):
    registry.register(make_record())

    with pytest.raises(ModelNotReadyError, match="candlecast train"):
        registry.champion("1h", 1)


def test_champion_after_promotion_is_the_promoted_one(registry):
    registry.register(make_record("m1"))

    registry.promote("m1", promoted_at=START)

    assert registry.champion("1h", 1).id == "m1"


def test_roll_back_promotes_the_champion_before(registry):
    for hours, name in enumerate(("m1", "m2")):
        registry.register(make_record(name))
        registry.promote(name, promoted_at=START + timedelta(hours=hours))

    assert registry.roll_back("1h", 1, promoted_at=START + timedelta(hours=2)).id == "m1"


def test_roll_back_without_earlier_champion_is_refused(registry):
    registry.register(make_record("m1"))
    registry.promote("m1", promoted_at=START)

    with pytest.raises(ModelNotReadyError, match="no earlier champion"):
        registry.roll_back("1h", 1, promoted_at=START)


def test_artefact_that_vanished_is_an_integrity_error(registry, tmp_path):
    stored = registry.register(make_record("m1"))
    (tmp_path / "m1").rmdir()

    with pytest.raises(ModelIntegrityError, match="missing"):
        registry.artefact(stored)
