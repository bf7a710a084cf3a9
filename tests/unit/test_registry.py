import json
import os
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from candlecast.errors import InvalidRequestError, ModelIntegrityError, ModelNotReadyError
from candlecast.models.digests import FORMAT, MANIFEST
from candlecast.registry import Registry
from candlecast.storage.postgres.models import ModelRecord
from tests.storage_builders import START, make_record


class InMemoryModelStore:
    def __init__(self):
        self.records: dict[str, ModelRecord] = {}

    def insert(self, record):
        return self.records.setdefault(record.id, record)

    def get(self, model_id):
        return self.records.get(model_id)

    def champion(self, timeframe, horizon):
        return next((r for r in self.list(timeframe, horizon) if r.status == "champion"), None)

    def list(self, timeframe=None, horizon=None):
        scope = (timeframe, horizon)
        return [r for r in self.records.values() if scope in ((r.timeframe, r.horizon), (None, None))]

    def standing(self):
        trained = {(r.timeframe, r.horizon): r.trained_at for r in self.records.values() if r.status == "champion"}
        found = [
            r for r in self.records.values() if r.trained_at >= trained.get((r.timeframe, r.horizon), r.trained_at)
        ]
        return sorted((r for r in found if r.status != "retired"), key=lambda r: r.trained_at, reverse=True)

    def promote(self, model_id, *, promoted_at):
        for record in self.list(self.records[model_id].timeframe, self.records[model_id].horizon):
            if record.status == "champion":
                self.records[record.id] = replace(record, status="retired")
        self.records[model_id] = replace(self.records[model_id], status="champion", promoted_at=promoted_at)
        return self.records[model_id]

    def withdraw(self, model_id):
        self.records[model_id] = replace(self.records[model_id], artefact_path="")
        return True


MANIFEST_TEXT = json.dumps({"format": FORMAT, "files": {}})
DIGEST = sha256(MANIFEST_TEXT.encode()).hexdigest()


def make_artefact(folder):
    folder.mkdir()
    (folder / MANIFEST).write_text(MANIFEST_TEXT)


def model(name="m1", **overrides):
    return make_record(name, **({"sha256": DIGEST} | overrides))


def promoted(registry, *names):
    """Register and promote one after the other, an hour apart."""
    for hours, name in enumerate(names):
        registry.register(model(name))
        registry.promote(name, promoted_at=START + timedelta(hours=hours))


@pytest.fixture
def registry(tmp_path):
    for name in ("m1", "m2", "m3", "m4", "m5", "m6"):
        make_artefact(tmp_path / name)
    return Registry(InMemoryModelStore(), tmp_path)


def test_register_with_absolute_path_stores_it_relative(registry, tmp_path):
    stored = registry.register(model(artefact_path=str(tmp_path / "m1")))

    assert stored.artefact_path == "m1"
    assert registry.artefact(stored) == tmp_path / "m1"


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "missing"])
def test_register_with_artefact_elsewhere_is_refused(registry, path):
    with pytest.raises(InvalidRequestError, match="must lie in"):
        registry.register(model(artefact_path=path))


def test_register_of_a_champion_makes_it_a_candidate(registry):
    assert registry.register(model(status="champion")).status == "candidate"


def test_champion_without_promotion_says_to_train(registry):
    registry.register(model())

    with pytest.raises(ModelNotReadyError, match="candlecast train"):
        registry.champion("1h", 1)


def test_champion_after_promotion_is_the_promoted_one(registry):
    promoted(registry, "m1")

    assert registry.champion("1h", 1).id == "m1"


def test_register_of_a_known_model_keeps_what_is_stored(registry):
    promoted(registry, "m1")

    assert registry.register(model("m1")).status == "champion"


def test_promotion_of_a_damaged_artefact_leaves_the_champion(registry, tmp_path):
    promoted(registry, "m1")
    registry.register(model("m2"))
    (tmp_path / "m2" / MANIFEST).write_text("{}")

    with pytest.raises(ModelIntegrityError, match="SHA-256"):
        registry.promote("m2", promoted_at=START)

    assert registry.champion("1h", 1).id == "m1"


def test_roll_back_twice_goes_back_by_two(registry):
    promoted(registry, "m1", "m2", "m3")

    assert registry.roll_back("1h", 1).id == "m2"
    assert registry.roll_back("1h", 1).id == "m1"
    with pytest.raises(ModelNotReadyError, match="no champion of 1h, horizon 1, before m1 is kept"):
        registry.roll_back("1h", 1)


def test_promotion_after_a_roll_back_is_the_one_to_go_back_from(registry):
    promoted(registry, "m1", "m2", "m3")
    registry.roll_back("1h", 1)

    registry.promote("m3", promoted_at=START + timedelta(hours=9))

    assert registry.roll_back("1h", 1).id == "m2"


def test_roll_back_without_a_model_says_to_train(registry):
    with pytest.raises(ModelNotReadyError, match="candlecast train"):
        registry.roll_back("1h", 1)


def test_artefact_that_vanished_is_an_integrity_error(registry, tmp_path):
    stored = registry.register(model("m1"))
    (tmp_path / "m1").rename(tmp_path / "away")

    with pytest.raises(ModelIntegrityError, match="missing"):
        registry.artefact(stored)


def test_prune_keeps_the_champion_three_before_it_and_the_young(registry, tmp_path):
    promoted(registry, "m1", "m2", "m3", "m4", "m5")
    registry.register(model("m6", trained_at=START + timedelta(days=20)))

    gone = registry.prune(now=START + timedelta(days=45))

    assert gone == ["m1"]
    assert {path.name for path in tmp_path.iterdir()} == {"m2", "m3", "m4", "m5", "m6"}
    assert registry.prune(now=START + timedelta(days=60)) == ["m6"]
    assert registry.roll_back("1h", 1).id == "m4"


def test_prune_keeps_files_that_another_model_uses(registry, tmp_path):
    promoted(registry, "m2", "m3", "m4", "m5", "m6")
    registry.register(model("old", artefact_path="m6"))

    assert "old" in registry.prune(now=START + timedelta(days=45))

    assert (tmp_path / "m6").exists()


def test_prune_sweeps_what_a_killed_training_left_a_day_ago(registry, tmp_path):
    for name in (".draft-old", ".draft-new", ".gone-old"):
        (tmp_path / name).mkdir()
    for name in (".draft-old", ".gone-old"):
        os.utime(tmp_path / name, (0, 0))

    registry.prune(now=START)

    assert [path.name for path in tmp_path.glob(".*")] == [".draft-new"]


def test_artefact_of_a_row_that_leads_outside_is_refused_unread(registry, tmp_path):
    outside = tmp_path / "outside"
    make_artefact(outside)
    inside = Registry(InMemoryModelStore(), tmp_path / "m1")
    (tmp_path / "m1" / "link").symlink_to(outside)

    for path in ("../outside", str(outside), "link", ".", "x/../.."):
        (tmp_path / "m1" / "x").mkdir(exist_ok=True)
        with pytest.raises(ModelIntegrityError, match="lies outside of"):
            inside.artefact(model(artefact_path=path))


def test_prune_of_a_row_that_leads_outside_deletes_nothing_there(tmp_path):
    make_artefact(tmp_path / "outside")
    (tmp_path / "models").mkdir()
    registry = Registry(InMemoryModelStore(), tmp_path / "models")
    registry._store.insert(model(status="retired", artefact_path="../outside"))

    assert registry.prune(now=START + timedelta(days=400)) == ["m1"]
    assert (tmp_path / "outside" / MANIFEST).exists()
