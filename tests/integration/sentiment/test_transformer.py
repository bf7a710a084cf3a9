"""Does the engine judge by a model's own tokeniser, graph and labels? A model of a dozen words, from real files."""

import json

import numpy as np
import pytest

from candlecast.errors import ModelIntegrityError, ModelNotReadyError, SourceNotConfiguredError
from candlecast.sentiment.calibration import Blend, softmax
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE
from candlecast.sentiment.engines import Engines
from candlecast.sentiment.manifest import write_manifest
from candlecast.sentiment.model_folder import Judgement, write_judgement
from candlecast.sentiment.transformer import TransformerEngine
from candlecast.settings import SentimentSettings
from tests.tiny_model import write_config, write_model

TEXTS = ["stock falls", "the stock rises and rises", "stock meets"]


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path / "model")


@pytest.fixture
def engine(folder):
    return TransformerEngine(folder, threads=1)


@pytest.mark.parametrize(
    "labels",
    [
        ("negative", "neutral", "positive"),
        ("positive", "negative", "neutral"),
        ("neutral", "positive", "negative"),
        ("positive", "negative"),
    ],
)
def test_model_with_labels_in_any_order_judges_the_same(tmp_path, labels):
    engine = TransformerEngine(write_model(tmp_path / "model", labels), threads=1)

    verdicts = engine.judge(TEXTS[:2])

    assert verdicts.labels.tolist() == [NEGATIVE, POSITIVE]
    np.testing.assert_allclose(verdicts.probabilities.sum(axis=1), 1.0)


def test_model_without_a_neutral_class_never_says_neutral(tmp_path):
    engine = TransformerEngine(write_model(tmp_path / "model", ("positive", "negative")), threads=1)

    assert engine.judge(TEXTS).probabilities[:, NEUTRAL].tolist() == [0, 0, 0]


def test_probabilities_are_those_of_the_words_by_hand(engine):
    [row] = engine.judge(["Stock FALLS https://example.com/rises"]).probabilities

    np.testing.assert_allclose(row, softmax(np.array([[3.0, 0.5, 0.0]]))[0], rtol=1e-6)


def test_temperature_of_the_judgement_divides_the_logits(folder):
    write_judgement(folder, Judgement(temperature=2.0))

    [row] = TransformerEngine(folder, threads=1).judge(["stock falls"]).probabilities

    np.testing.assert_allclose(row, softmax(np.array([[1.5, 0.25, 0.0]]))[0], rtol=1e-6)


def test_text_is_judged_the_same_alone_and_among_others(engine):
    texts = [" ".join(["rises", "falls", "meets"][number % 3 :] * (1 + number % 7)) for number in range(50)]

    together = engine.judge(texts).probabilities

    alone = np.vstack([engine.judge([text]).probabilities for text in texts])
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_words_beyond_the_limit_are_not_seen(folder):
    write_judgement(folder, Judgement(max_tokens=5))
    engine = TransformerEngine(folder, threads=1)

    np.testing.assert_allclose(
        engine.judge(["stock meets x falls"]).probabilities, engine.judge(["stock meets x"]).probabilities
    )


def test_hostile_texts_are_judged_or_abstained_from_without_fail(engine):
    texts = ["", " ", "\0\x1b[31m", "falls " * 5_000, "x" * 100_000, "\ud800 falls".encode("utf-8", "replace").decode()]

    verdicts = engine.judge(texts)

    assert np.isfinite(verdicts.probabilities).all()
    assert verdicts.abstain_reasons[0] == "too short: 0 of at least 2 words"


def test_no_texts_have_no_verdicts(engine):
    assert engine.judge([]).probabilities.shape == (0, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rises", "too short: 1 of at least 2 words"),
        ("zażółć gęślą jaźń", "pieces a word, at most 3.0 are usual"),
        ("ตลาด หุ้น ขึ้น", "3 of 3 word pieces are unknown"),
    ],
)
def test_text_that_the_model_cannot_read_is_abstained_from(folder, text, says):
    write_judgement(folder, Judgement(longest_fragmentation=3.0))

    [score] = TransformerEngine(folder, threads=1).judge([text]).on_the_wire()

    assert (score.score, score.label) == (None, None)
    assert says in score.abstain_reason


def test_fragmentation_of_known_and_of_garbled_words_is_pieces_per_word(engine):
    assert engine.fragmentation(["stock falls", "stock qwert", ""]).tolist() == [1.0, 3.0, 0.0]


def test_changed_graph_is_refused_by_name_and_digests(folder):
    write_manifest(folder)
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes() + b"\0")

    with pytest.raises(ModelIntegrityError, match=r"model\.onnx has SHA-256 .*, recorded was"):
        TransformerEngine(folder, threads=1)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "model.onnx").write_bytes(b"no graph"), "no graph that onnxruntime can run"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "no tokeniser that can be read"),
        (lambda folder: write_config(folder, ("negative", "positive")), "are not of one model"),
    ],
)
def test_broken_folder_is_refused_on_one_line(folder, spoil, says):
    spoil(folder)

    with pytest.raises(ModelNotReadyError, match=says) as caught:
        TransformerEngine(folder, threads=1)

    assert "\n" not in str(caught.value)


def test_model_without_a_graph_and_without_torch_says_what_to_install(folder, monkeypatch):
    (folder / "model.onnx").unlink()
    monkeypatch.setitem(__import__("sys").modules, "torch", None)

    with pytest.raises(SourceNotConfiguredError, match=r"torch is missing: pip install 'candlecast\[torch\]'"):
        TransformerEngine(folder, threads=1)


def test_ensemble_of_the_settings_blends_as_the_folder_says(folder):
    write_judgement(folder, Judgement(ensemble=Blend(lexicon_weight=0.0)))
    engines = Engines(SentimentSettings(model=str(folder)))

    ensemble, transformer = engines.get("ensemble"), engines.get("transformer")

    np.testing.assert_allclose(ensemble.judge(TEXTS).probabilities, transformer.judge(TEXTS).probabilities)
    assert ensemble.version.startswith(transformer.version)


def test_judgement_file_is_json_that_people_can_read(folder):
    write_judgement(folder, Judgement())

    content = json.loads((folder / "judgement.json").read_text())

    assert content["ensemble"] == {"lexicon_weight": 0.2, "temperature": 1.0}
