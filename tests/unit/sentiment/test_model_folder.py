"""Is the folder of a model read as it is meant, and refused where it is unclear?"""

import json

import pytest

from candlecast.errors import ModelIntegrityError, ModelNotReadyError
from candlecast.sentiment.calibration import Blend
from candlecast.sentiment.manifest import write_manifest
from candlecast.sentiment.model_folder import Judgement, meanings_of, open_model_folder, write_judgement

NAMES = {"0": "negative", "1": "neutral", "2": "positive"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"id2label": NAMES}))
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model.onnx").write_bytes(b"graph")
    return tmp_path


@pytest.mark.parametrize(
    ("config", "meanings"),
    [
        ({"id2label": NAMES}, (0, 1, 2)),
        ({"id2label": {"0": "positive", "1": "negative", "2": "neutral"}}, (2, 0, 1)),
        ({"id2label": {0: "Bearish", 1: "Bullish", 2: "Neutral"}}, (0, 2, 1)),
        ({"label2id": {"POS": 0, "NEU": 1, "NEG": 2}}, (2, 1, 0)),
        ({"id2label": {"0": "NEGATIVE", "1": "POSITIVE"}}, (0, 2)),
    ],
)
def test_meanings_of_named_labels_follow_the_names_in_any_order(config, meanings):
    assert meanings_of(config) == meanings


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"},
        {"0": "1 star", "1": "2 stars", "2": "3 stars"},
        {"0": "positive", "1": "bullish", "2": "negative"},
        {"0": "positive"},
        {"0": "negative", "2": "positive"},
        {"0": "negative", "1": "neutral", "2": "positive", "3": "irrelevant"},
    ],
)
def test_meanings_of_unclear_labels_are_refused_by_name(names):
    with pytest.raises(ModelNotReadyError, match="not some order of negative, neutral and positive") as caught:
        meanings_of({"id2label": names})

    assert all(name in str(caught.value) for name in names.values())


def test_folder_with_judgement_and_manifest_says_what_was_written(folder):
    judgement = Judgement(64, 1.3, 2.5, 3, Blend(0.3, 0.9))
    write_judgement(folder, judgement)
    write_manifest(folder)

    opened = open_model_folder(folder)

    assert opened.judgement == judgement
    assert opened.onnx == folder / "model.onnx"


def test_folder_of_others_is_taken_with_the_defaults(folder):
    assert open_model_folder(folder).judgement == Judgement()


def test_graph_in_a_subfolder_is_found_and_none_is_said(folder):
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert open_model_folder(folder).onnx == folder / "onnx" / "model.onnx"

    (folder / "onnx" / "model.onnx").unlink()
    assert open_model_folder(folder).onnx is None


def test_version_changes_with_the_graph_and_not_with_the_manifest(folder):
    before = open_model_folder(folder).version
    write_manifest(folder)
    assert open_model_folder(folder).version == before

    (folder / "model.onnx").write_bytes(b"other graph")
    write_manifest(folder)
    assert open_model_folder(folder).version != before


def test_version_of_a_graph_does_not_hang_on_weights_that_are_not_read(folder):
    before = open_model_folder(folder).version
    (folder / "model.safetensors").write_bytes(b"weights")

    assert open_model_folder(folder).version == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda folder: (folder / "model.onnx").write_bytes(b"evil"), "model.onnx has SHA-256 .*…, recorded was .*…"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json is missing"),
        (lambda folder: (folder / "vocab.txt").write_text("x"), "vocab.txt is not in manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "manifest.json cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": 2, "files": {}}'), "has format 2, not 1"),
    ],
)
def test_folder_that_differs_from_its_manifest_is_refused_by_file(folder, change, says):
    write_manifest(folder)
    change(folder)

    with pytest.raises(ModelIntegrityError, match=says):
        open_model_folder(folder)


@pytest.mark.parametrize(
    "content", ['{"format": 2}', '{"format": 1, "colour": 3}', '{"format": 1, "ensemble": {"x": 1}}']
)
def test_judgement_of_another_form_is_refused(folder, content):
    (folder / "judgement.json").write_text(content)

    with pytest.raises(ModelIntegrityError, match=r"judgement\.json"):
        open_model_folder(folder)


def test_folder_without_configuration_is_no_model(tmp_path):
    with pytest.raises(ModelNotReadyError, match=r"config\.json cannot be read \(FileNotFoundError\)"):
        open_model_folder(tmp_path)
