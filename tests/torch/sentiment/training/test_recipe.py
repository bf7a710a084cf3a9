"""Does a recipe learn from labels, calibrate on others, and put a whole model into its folder?"""

import json
from dataclasses import replace

import numpy as np
import pytest

from candlecast.errors import ModelIntegrityError
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE
from candlecast.sentiment.labelled import LabelledTexts
from candlecast.sentiment.model_folder import open_model_folder
from candlecast.sentiment.training.export import average
from candlecast.sentiment.training.fine_tune import FineTuneConfig, fine_tune, opinions
from candlecast.sentiment.training.recipe import Recipe, finish, teach
from candlecast.sentiment.transformer import TransformerEngine

pytest.importorskip("torch", reason="needs pip install 'candlecast[torch]'")

WORDS = {NEGATIVE: ("falls", "crashes"), NEUTRAL: ("meets", "reports"), POSITIVE: ("rises", "soars")}
THINGS = ("stock", "coin", "bank", "fund", "oil", "gold")
CONFIG = FineTuneConfig(epochs=6, batch_size=16, learning_rate=5e-3, layer_decay=1.0, max_tokens=16)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Return the folder of an encoder that knows nothing yet."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = [word for pair in WORDS.values() for word in pair]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *THINGS, *(str(number) for number in range(10))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def recipe(base):
    chance = np.random.default_rng(5)
    classes = chance.integers(0, 3, 900)
    texts = tuple(
        f"{chance.choice(THINGS)} {chance.integers(10)} {chance.choice(WORDS[number])} {chance.choice(THINGS)}"
        for number in classes
    )
    return Recipe(labelled=LabelledTexts("toy", texts, classes), base=base, base_name="toy-encoder", config=CONFIG)


@pytest.fixture(scope="module")
def members(recipe):
    told = []
    learned = [
        fine_tune(recipe.base, recipe.examples(), config=replace(CONFIG, seed=seed), say=told.append) for seed in (0, 1)
    ]
    assert told[0].startswith("seed 0, epoch 1 of 6: loss ")
    return learned


@pytest.fixture(scope="module")
def finished(recipe, members, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "sentiment-toy"
    test = LabelledTexts(
        "unseen",
        ("coin 1 soars bank", "bank 2 crashes oil", "fund 7 meets gold"),
        np.array([POSITIVE, NEGATIVE, NEUTRAL]),
    )
    figures = finish(recipe, members[0], folder=folder, tests=[test], notes="Written by a test.", command="make toy")
    return folder, figures


def test_finished_model_knows_what_its_labels_taught(finished):
    folder, figures = finished

    assert figures["toy (held out)"].accuracy > 0.95
    verdicts = TransformerEngine(folder, threads=1).judge(
        ["gold 3 soars fund", "oil 5 crashes coin", "stock 1 reports bank"]
    )
    assert verdicts.labels.tolist() == [POSITIVE, NEGATIVE, NEUTRAL]


def test_finished_model_judges_a_text_alike_in_whatever_company(finished):
    engine = TransformerEngine(finished[0], threads=1)
    company = ["coin 3 falls fund", "gold 9 reports oil", "bank soars", "stock 1 2 3 4 5 6 meets"]

    together = engine.logits(company)

    alone = np.vstack([engine.logits([text]) for text in company])
    np.testing.assert_allclose(together, alone, atol=0.02)
    assert np.ptp(together) > 1.0


def test_finished_folder_is_whole_and_checked(finished):
    folder, figures = finished

    found = open_model_folder(folder)
    assert found.judgement.max_tokens == CONFIG.max_tokens
    assert found.judgement.longest_fragmentation >= 1.0
    assert not list(folder.parent.glob(".draft-*"))
    card = (folder / "README.md").read_text()
    assert "`toy-encoder`" in card
    assert "Written by a test." in card
    assert f"| unseen | 3 | {figures['unseen'].accuracy:.3f} |" in card


def test_finished_graph_that_was_changed_is_refused(finished, tmp_path):
    import shutil

    folder = shutil.copytree(finished[0], tmp_path / "changed")
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ModelIntegrityError, match=r"model.onnx has SHA-256"):
        open_model_folder(folder)


def test_word_embeddings_stay_as_they_were(base, members):
    from transformers import BertModel

    before = BertModel.from_pretrained(base).embeddings.word_embeddings.weight.detach().numpy()
    [name] = [name for name in members[0] if name.endswith("word_embeddings.weight")]

    assert np.array_equal(members[0][name], before)


def test_members_of_other_seeds_differ_and_their_mean_lies_between(members):
    first, second = members
    name = "classifier.weight"

    assert not np.allclose(first[name], second[name])
    assert average(members)[name] == pytest.approx((first[name] + second[name]) / 2)


def test_members_of_other_seeds_begin_from_one_head(recipe):
    still = [
        fine_tune(
            recipe.base,
            recipe.examples(),
            config=replace(CONFIG, epochs=1, learning_rate=0.0, seed=seed),
            say=lambda _: None,
        )
        for seed in (3, 4)
    ]

    assert np.array_equal(still[0]["classifier.weight"], still[1]["classifier.weight"])


def test_student_learns_what_the_members_say_of_texts_without_label(recipe, members):
    unlabelled = ("gold 3 soars fund", "oil 5 crashes coin", "bank 2 reports gold") * 20

    student = teach(replace(recipe, unlabelled=unlabelled), members, say=lambda _: None)

    told = opinions(recipe.base, [student], unlabelled[:3], config=CONFIG)
    assert told.argmax(axis=1).tolist() == [POSITIVE, NEGATIVE, NEUTRAL]
    assert not np.allclose(student["classifier.weight"], average(members)["classifier.weight"])


def test_opinions_of_members_are_their_mean(recipe, members):
    texts = ["gold soars", "oil crashes by 7", "stock"]
    each = [opinions(recipe.base, [member], texts, config=CONFIG) for member in members]

    both = opinions(recipe.base, members, texts, config=CONFIG)

    assert both == pytest.approx((each[0] + each[1]) / 2, abs=1e-6)
    assert both.sum(axis=1) == pytest.approx(1.0)


def test_member_of_the_same_seed_is_the_same(recipe, members):
    again = fine_tune(recipe.base, recipe.examples(), config=CONFIG, say=lambda _: None)

    assert all(np.array_equal(again[name], members[0][name]) for name in again)


def test_finished_twice_replaces_what_lay_there(recipe, members, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "old.txt").touch()

    finish(recipe, members[0], folder=folder)

    assert json.loads((folder / "config.json").read_text())["id2label"] == {
        "0": "negative",
        "1": "neutral",
        "2": "positive",
    }
    assert not (folder / "old.txt").exists()
