"""A process that is killed while it publishes a model: is no part of one ever loaded, and does the next one finish?"""

from pathlib import Path

import pytest

from candlecast.errors import ModelIntegrityError
from candlecast.forecasts.champions import Champions
from candlecast.models.artefacts import load_model, save_model
from candlecast.registry import Registry
from candlecast.storage.postgres.models import ModelStore
from tests.integration.crash import acts
from tests.integration.crash.tripwire import killed_at
from tests.trained import small_result

MOST_STEPS = 60


def test_killed_publishing_of_a_model_leaves_none_or_a_whole_one(database, postgres, tmp_path):
    source = save_model(small_result().model, tmp_path / "source")
    folder, store = tmp_path / "registry", ModelStore(database)
    folder.mkdir()
    work = (acts.publish, postgres.app_url, source.path, source.sha256, folder)

    n_records, step = [], 1
    while killed_at(step, *work, folder=folder):
        assert step < MOST_STEPS
        assert_whole(folder, store, sha256=source.sha256)
        n_records.append(len(store.list()))
        step += 1

    # what came to its end found some of the work done
    assert n_records[0] == 0
    assert n_records[-1] == 1
    assert assert_whole(folder, store, sha256=source.sha256) == "champion"
    # a process that begins afresh adds nothing but its model
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".draft-")] == [source.path.name]


def assert_whole(folder: Path, store: ModelStore, *, sha256: str) -> str:
    """Hold what can be found to be whole, and return how the model stands."""
    for path in folder.iterdir():
        if not path.name.startswith(".draft-"):
            assert load_model(path, sha256=sha256)
    records = store.list()
    for record in records:
        assert load_model(Registry(store, folder).artefact(record), sha256=record.sha256)
    serving = [record.id for record in records if record.status == "champion"]
    if serving:
        assert Champions(Registry(store, folder)).get("1h", 1).id == serving[0]
    return records[0].status if records else ""


def test_artefact_that_lacks_any_of_its_files_is_refused(tmp_path):
    info = save_model(small_result().model, tmp_path)
    for path in sorted(info.path.iterdir()):
        content = path.read_bytes()
        for damage in (None, b"", content[: len(content) // 2]):
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
            with pytest.raises(ModelIntegrityError):
                load_model(info.path, sha256=info.sha256)
            path.write_bytes(content)
    assert load_model(info.path, sha256=info.sha256)
