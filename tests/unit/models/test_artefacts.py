import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from candlecast.errors import ModelIntegrityError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES, build_features
from candlecast.models.artefacts import load_model, save_model
from candlecast.models.digests import MANIFEST
from candlecast.models.fitting import fit_model
from candlecast.models.origin import Origin
from candlecast.models.rows import collect_rows
from tests.trained import small_config, small_news_model, small_panel, small_quantile_model, small_result

TREES = "model.ubj"
ORIGIN = Origin(data_digest="ab" * 32, n_candles=4_000, code_commit="c0ffee")


def test_model_after_a_round_trip_forecasts_the_same(tmp_path):
    model = small_result().model
    features = build_features(small_panel()["ETH/USDT"]).to_numpy()[-50:]

    saved = save_model(model, tmp_path)
    loaded = load_model(saved.path, sha256=saved.sha256)

    np.testing.assert_array_equal(loaded.p_up(features), model.p_up(features))
    assert loaded.facts == model.facts
    assert loaded.calibration == model.calibration
    np.testing.assert_array_equal(loaded.volatility.sigma(features), model.volatility.sigma(features))
    assert loaded.reach == model.reach


def test_model_of_learned_quantiles_after_a_round_trip_says_the_same_intervals(tmp_path):
    model = small_quantile_model()
    features = build_features(small_panel()["ETH/USDT"]).to_numpy()[-50:]

    saved = save_model(model, tmp_path)
    loaded = load_model(saved.path, sha256=saved.sha256)

    np.testing.assert_array_equal(loaded.spans(features), model.spans(features))
    assert (loaded.reach, loaded.interval_choice) == (model.reach, model.interval_choice)
    assert json.loads((saved.path / MANIFEST).read_text())["interval_choice"]["kind"] == "quantiles"


def test_model_of_the_format_before_says_the_same_forecasts(tmp_path):
    model = small_result().model
    features = build_features(small_panel()["ETH/USDT"]).to_numpy()[-50:]
    saved = save_model(model, tmp_path)
    content = json.loads((saved.path / MANIFEST).read_text()) | {"format": 2}
    del content["interval_choice"]
    text = json.dumps(content).encode()
    (saved.path / MANIFEST).write_bytes(text)

    loaded = load_model(saved.path, sha256=sha256(text).hexdigest())

    np.testing.assert_array_equal(loaded.spans(features), model.spans(features))
    assert loaded.quantiles is None


def test_model_saved_twice_is_one_folder(tmp_path):
    model = small_result().model

    assert save_model(model, tmp_path) == save_model(model, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_manifest_keeps_metrics_origin_span_and_library_versions(tmp_path):
    saved = save_model(small_result().model, tmp_path, metrics={"n_test": 5}, origin=ORIGIN)

    content = json.loads((saved.path / MANIFEST).read_text())

    assert content["metrics"] == {"n_test": 5}
    assert content["origin"] == {"data_digest": "ab" * 32, "n_candles": 4_000, "code_commit": "c0ffee"}
    assert content["facts"]["data_start"] < content["facts"]["data_end"]
    assert {"xgboost-cpu", "scikit-learn", "numpy"} < set(content["libraries"])
    assert content["files"][TREES] == sha256((saved.path / TREES).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("algorithm", "params"),
    [("random_forest", {"trees": 3, "rows_per_tree": 500}), ("logistic", {}), ("naive", {})],
)
def test_model_of_another_algorithm_after_a_round_trip_forecasts_the_same(tmp_path, algorithm, params):
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    early = np.arange(1_500)
    model = fit_model(rows, train=early, config=small_config(algorithm=algorithm, params=params))

    saved = save_model(model, tmp_path)
    loaded = load_model(saved.path, sha256=saved.sha256)

    np.testing.assert_array_equal(loaded.p_up(rows.features[-50:]), model.p_up(rows.features[-50:]))
    assert loaded.facts == model.facts


def test_joblib_file_that_was_changed_is_never_opened(tmp_path, monkeypatch):
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    model = fit_model(rows, train=np.arange(1_500), config=small_config(algorithm="logistic", params={}))
    saved = save_model(model, tmp_path)
    (saved.path / "model.joblib").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    monkeypatch.setattr("joblib.load", lambda *_: pytest.fail("it was opened"))

    with pytest.raises(ModelIntegrityError, match=r"model.joblib has SHA-256"):
        load_model(saved.path, sha256=saved.sha256)


def test_joblib_file_of_another_library_version_is_refused(tmp_path, monkeypatch):
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    model = fit_model(rows, train=np.arange(1_500), config=small_config(algorithm="logistic", params={}))
    saved = save_model(model, tmp_path)
    monkeypatch.setattr("candlecast.models.artefacts.version", lambda _: "0.1")

    with pytest.raises(ModelIntegrityError, match=r"written with scikit-learn .*, here is 0.1; train again"):
        load_model(saved.path, sha256=saved.sha256)


@pytest.mark.parametrize("broken", ["_write", "_publish"])
def test_save_that_dies_leaves_no_model(tmp_path, monkeypatch, broken):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"candlecast.models.artefacts.{broken}", die)

    with pytest.raises(KeyboardInterrupt):
        save_model(small_result().model, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_save_over_a_damaged_folder_is_refused(tmp_path):
    saved = save_model(small_result().model, tmp_path)
    (saved.path / TREES).write_bytes(b"")

    with pytest.raises(ModelIntegrityError, match=f"{TREES} has SHA-256"):
        save_model(small_result().model, tmp_path)


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


def test_model_of_another_format_is_refused(tmp_path):
    saved = save_model(small_result().model, tmp_path)
    text = json.dumps(json.loads((saved.path / MANIFEST).read_text()) | {"format": 1}).encode()
    (saved.path / MANIFEST).write_bytes(text)

    with pytest.raises(ModelIntegrityError, match="has format 1, not 2 or 3; train again"):
        load_model(saved.path, sha256=sha256(text).hexdigest())


def test_model_of_other_features_is_refused(tmp_path):
    model = small_result().model
    saved = save_model(replace(model, facts=replace(model.facts, feature_names=("rsi_14", "mood"))), tmp_path)

    with pytest.raises(ModelIntegrityError, match="does not build; train again"):
        load_model(saved.path, sha256=saved.sha256)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "deep/file"])
def test_manifest_that_names_a_file_outside_is_refused_before_it_is_read(tmp_path, name):
    text = json.dumps({"format": 3, "files": {name: sha256(b"").hexdigest()}}).encode()
    (tmp_path / MANIFEST).write_bytes(text)

    with pytest.raises(ModelIntegrityError, match="lies outside of it"):
        load_model(tmp_path, sha256=sha256(text).hexdigest())
