import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from candlecast.errors import ModelIntegrityError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES, build_features
from candlecast.models.artefacts import MANIFEST, TREES, load_model, save_model
from tests.trained import small_news_model, small_panel, small_result


def test_model_after_a_round_trip_forecasts_the_same(tmp_path):
    model = small_result().model
    features = build_features(small_panel()["ETH/USDT"]).to_numpy()[-50:]

    saved = save_model(model, tmp_path)
    loaded = load_model(saved.path, sha256=saved.sha256)

    np.testing.assert_array_equal(loaded.p_up(features), model.p_up(features))
    assert loaded.facts == model.facts
    assert loaded.calibration == model.calibration
    assert loaded.volatility == model.volatility
    assert loaded.reach == model.reach


def test_model_saved_twice_is_one_folder(tmp_path):
    model = small_result().model

    assert save_model(model, tmp_path) == save_model(model, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_manifest_keeps_metrics_and_library_versions(tmp_path):
    saved = save_model(small_result().model, tmp_path, metrics={"n_test": 5})

    content = json.loads((saved.path / MANIFEST).read_text())

    assert content["metrics"] == {"n_test": 5}
    assert set(content["libraries"]) == {"xgboost-cpu", "numpy", "pandas", "TA-Lib"}
    assert content["files"].keys() == {TREES}


@pytest.mark.parametrize("name", [MANIFEST, TREES])
def test_changed_file_is_refused(tmp_path, name):
    saved = save_model(small_result().model, tmp_path)
    file = saved.path / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(ModelIntegrityError, match=f"{name} has SHA-256"):
        load_model(saved.path, sha256=saved.sha256)


@pytest.mark.parametrize("name", [MANIFEST, TREES])
def test_missing_file_is_refused(tmp_path, name):
    saved = save_model(small_result().model, tmp_path)
    (saved.path / name).unlink()

    with pytest.raises(ModelIntegrityError, match=f"{name} is missing"):
        load_model(saved.path, sha256=saved.sha256)


def test_wrong_digest_is_refused(tmp_path):
    saved = save_model(small_result().model, tmp_path)

    with pytest.raises(ModelIntegrityError, match="recorded was 0000000000000000"):
        load_model(saved.path, sha256="0" * 64)


def test_model_that_takes_news_remembers_whose_scores(tmp_path):
    saved = save_model(small_news_model(), tmp_path)

    facts = load_model(saved.path, sha256=saved.sha256).facts

    assert facts.feature_names == FEATURE_NAMES + NEWS_FEATURE_NAMES
    assert (facts.scored_by, facts.takes_news) == (("lexicon", "1"), True)


def test_model_from_before_news_goes_on_loading(tmp_path):
    saved = save_model(small_result().model, tmp_path)
    manifest = json.loads((saved.path / MANIFEST).read_text())
    del manifest["facts"]["scored_by"]
    text = json.dumps(manifest).encode()
    (saved.path / MANIFEST).write_bytes(text)

    assert not load_model(saved.path, sha256=sha256(text).hexdigest()).facts.takes_news


def test_model_of_other_features_is_refused(tmp_path):
    model = small_result().model
    saved = save_model(replace(model, facts=replace(model.facts, feature_names=("rsi_14", "mood"))), tmp_path)

    with pytest.raises(ModelIntegrityError, match="does not build; train again"):
        load_model(saved.path, sha256=saved.sha256)
