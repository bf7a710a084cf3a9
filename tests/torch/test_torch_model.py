"""Is a classifier that came without ONNX judged by torch, its labels read from its own configuration?"""

import numpy as np
import pytest

from candlecast.errors import ModelNotReadyError
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.transformer import TransformerEngine

pytest.importorskip("torch", reason="needs pip install 'candlecast[torch]'")

TEXTS = ["stock falls", "the stock rises and rises", "stock meets", "the moon"]


def reference(folder, texts):
    """Return what transformers itself makes of each text, by name of the label."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = AutoModelForSequenceClassification.from_pretrained(folder)
    classify = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(folder), top_k=None)
    return [{one["label"].lower(): one["score"] for one in answer} for answer in classify(texts)]


@pytest.mark.parametrize(
    "labels",
    [
        ("negative", "neutral", "positive"),
        # FinBERT's own order
        ("positive", "negative", "neutral"),
        ("NEUTRAL", "NEGATIVE", "POSITIVE"),
    ],
)
def test_model_of_any_label_order_gives_the_probabilities_of_its_own_pipeline(make_model, labels):
    folder = make_model(labels)

    verdicts = TransformerEngine(folder, threads=1).judge(TEXTS)

    for row, expected in zip(verdicts.probabilities, reference(folder, TEXTS), strict=True):
        np.testing.assert_allclose(row, [expected[label] for label in LABELS], atol=1e-5)
    assert len({tuple(row) for row in verdicts.probabilities.round(3)}) > 1


def test_model_of_two_classes_leaves_the_third_at_zero(make_model):
    folder = make_model(("POSITIVE", "NEGATIVE"))

    verdicts = TransformerEngine(folder, threads=1).judge(TEXTS)

    [expected] = reference(folder, TEXTS[:1])
    np.testing.assert_allclose(verdicts.probabilities[0], [expected["negative"], 0, expected["positive"]], atol=1e-5)


def test_model_with_a_tokeniser_of_the_old_form_is_read_too(make_model):
    labels = ("positive", "negative", "neutral")
    old, new = make_model(labels, old_tokeniser=True), make_model(labels)

    verdicts = [TransformerEngine(folder, threads=1).judge(TEXTS).probabilities for folder in (old, new)]

    np.testing.assert_allclose(*verdicts, atol=1e-6)


def test_text_is_judged_the_same_alone_and_among_others(make_model):
    engine = TransformerEngine(make_model(LABELS), threads=1)
    texts = [" ".join(["stock", "falls", "the", "moon"] * (1 + number % 9)) for number in range(40)]

    together = engine.judge(texts).probabilities

    np.testing.assert_allclose(together, np.vstack([engine.judge([text]).probabilities for text in texts]), atol=1e-5)


def test_model_without_names_of_its_labels_is_refused(make_model):
    with pytest.raises(ModelNotReadyError, match=r"labels are \['LABEL_0', 'LABEL_1', 'LABEL_2'\]"):
        TransformerEngine(make_model(("LABEL_0", "LABEL_1", "LABEL_2")), threads=1)


def test_broken_weights_are_refused_on_one_line(make_model):
    folder = make_model(LABELS)
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelNotReadyError, match="holds no classifier that can be loaded") as caught:
        TransformerEngine(folder, threads=1)

    assert "\n" not in str(caught.value)
