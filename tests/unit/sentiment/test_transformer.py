"""Does the engine say why it does not judge?"""

import numpy as np
import pytest

from candlecast.sentiment.model_folder import Judgement
from candlecast.sentiment.tokens import Tokenised
from candlecast.sentiment.transformer import abstain_reasons


def tokenised(*counts):
    words, pieces, unknown = (np.array(column) for column in zip(*counts, strict=True))
    return Tokenised([[1]] * len(counts), n_words=words, n_pieces=pieces, n_unknown=unknown)


@pytest.mark.parametrize(
    ("count", "says"),
    [
        ((0, 0, 0), "too short: 0 of at least 2 words"),
        ((1, 3, 0), "too short: 1 of at least 2 words"),
        ((4, 13, 0), "3.2 pieces a word, at most 3.0 are usual"),
        ((4, 10, 6), "6 of 10 word pieces are unknown, at most 50% may be"),
    ],
)
def test_abstain_reason_of_a_text_says_its_figure_and_the_limit(count, says):
    [reason] = abstain_reasons(tokenised(count), Judgement(longest_fragmentation=3.0))

    assert reason is not None
    assert says in reason


def test_abstain_reasons_of_texts_at_the_limits_are_none():
    counts = tokenised((2, 6, 0), (4, 12, 6))

    assert abstain_reasons(counts, Judgement(longest_fragmentation=3.0)) == (None, None)


def test_model_that_names_no_usual_fragmentation_never_abstains_for_it():
    assert abstain_reasons(tokenised((2, 200, 0)), Judgement()) == (None,)
