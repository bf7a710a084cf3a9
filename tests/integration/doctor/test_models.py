"""Is a model told of whose files are missing, changed or of no use, and is one that serves really loaded?"""

import shutil
from pathlib import Path

import pytest

from candlecast.doctor.models import look_at_models, look_at_sentiment
from candlecast.models.artefacts import save_model
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore
from tests.loopback import free_port
from tests.storage_builders import START, make_record
from tests.trained import small_result

SHIPPED = Path("ml_models/sentiment-minilm")


@pytest.fixture
def settings(postgres, database, tmp_path):
    return Settings(database={"url": postgres.app_url}, models={"folder": tmp_path}, _env_file=None)


@pytest.fixture
def champion(settings, database):
    """Return the folder of a promoted model."""
    saved = save_model(small_result().model, settings.models.folder)
    store = ModelStore(database)
    store.insert(make_record("m1", artefact_path=saved.path.name, sha256=saved.sha256))
    store.promote("m1", promoted_at=START)
    return saved.path


def test_champion_that_loads_is_well(settings, champion):
    found = look_at_models(settings)

    assert (found.verdict, found.detail) == ("ok", "1 serve (1h h1) and load, 1 are kept as they were made")


def test_champion_with_a_changed_byte_is_broken_and_names_file_and_mend(settings, champion):
    file = champion / "model.ubj"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")

    found = look_at_models(settings)

    assert found.verdict == "broken"
    assert f"{file} has SHA-256" in found.detail
    assert "candlecast models rollback" in found.mend


def test_champion_that_is_gone_is_broken(settings, champion):
    shutil.rmtree(champion)

    assert "is missing" in look_at_models(settings).detail


def test_candidate_that_was_changed_is_a_warning(settings, champion, database):
    ModelStore(database).insert(make_record("m2", artefact_path="gone", sha256="0" * 64))

    found = look_at_models(settings)

    assert (found.verdict, found.mend) == ("warning", "candlecast models prune")


def test_without_a_champion_training_is_the_mend(settings):
    found = look_at_models(settings)

    assert (found.verdict, found.mend) == ("warning", "candlecast train")


def test_models_without_their_database_are_skipped():
    nobody = f"postgresql://a:b@127.0.0.1:{free_port()}/c"

    assert look_at_models(Settings(database={"url": nobody}, _env_file=None)).verdict == "skipped"


def sentiment(**fields):
    return look_at_sentiment(Settings(sentiment=fields, _env_file=None))


def test_shipped_sentiment_model_is_well():
    assert sentiment(model=str(SHIPPED)).verdict == "ok"


def test_sentiment_model_that_was_changed_is_broken(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")

    found = sentiment(model=str(folder))

    assert found.verdict == "broken"
    assert "config.json has SHA-256" in found.detail


def test_sentiment_model_that_is_not_needed_or_not_here_is_skipped():
    assert sentiment(engine="lexicon").verdict == "skipped"
    assert sentiment(model="somebody/some-model").verdict == "skipped"
