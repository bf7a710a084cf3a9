"""Do targets say what the labels say, weigh as told, and stay apart from what calibrates?"""

import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.sentiment.labelled import LabelledTexts
from candlecast.sentiment.training.examples import hold_out, join, to_examples


def make_labelled(classes, name="set"):
    return LabelledTexts(name, tuple(f"text {number}" for number in range(len(classes))), np.array(classes))


def test_smoothed_targets_add_up_and_peak_at_the_label():
    found = to_examples(make_labelled([0, 2, 1]), smoothing=0.3, balance=0.0)

    assert found.targets.sum(axis=1) == pytest.approx(1.0)
    assert found.targets.argmax(axis=1).tolist() == [0, 2, 1]
    assert found.targets[0] == pytest.approx([0.8, 0.1, 0.1])


@pytest.mark.parametrize(("balance", "ratio"), [(0.0, 1.0), (0.5, 2.0), (1.0, 4.0)])
def test_rare_class_weighs_by_its_share_to_the_power_of_balance(balance, ratio):
    found = to_examples(make_labelled([0] * 20 + [2] * 80), smoothing=0.0, balance=balance, weight=0.5)

    assert found.weights[0] / found.weights[-1] == pytest.approx(ratio)
    assert found.weights.mean() == pytest.approx(0.5)


def test_joined_examples_keep_their_order():
    parts = [to_examples(make_labelled([0, 1]), smoothing=0, balance=0) for _ in range(2)]

    found = join(parts)

    assert found.texts == ("text 0", "text 1") * 2
    assert found.targets.argmax(axis=1).tolist() == [0, 1, 0, 1]


def test_held_out_texts_are_never_learned_from():
    labelled = make_labelled([0, 1, 2] * 200)

    main, held_out = hold_out(labelled, share=0.1, seed=7)

    assert len(held_out.texts) == 60
    assert set(main.texts) & set(held_out.texts) == set()
    assert set(main.texts) | set(held_out.texts) == set(labelled.texts)


def test_held_out_texts_are_the_same_for_the_same_seed():
    labelled = make_labelled([0, 1, 2] * 200)

    assert hold_out(labelled, share=0.1, seed=7)[1].texts == hold_out(labelled, share=0.1, seed=7)[1].texts


def test_set_that_is_too_small_to_calibrate_is_refused():
    with pytest.raises(InvalidRequestError, match="set has 30 texts, of which 3 would calibrate; at least 50"):
        hold_out(make_labelled([0, 1, 2] * 10), share=0.1, seed=7)
