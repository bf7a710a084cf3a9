"""Does the lexicon engine say what its wire model promises?"""

import pytest

from candlecast.sentiment.lexicon import LexiconEngine


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Great quarter, excellent growth and happy investors", "positive"),
        ("Terrible losses, awful fraud, investors are angry", "negative"),
        ("The meeting is on Tuesday", "neutral"),
        ("", "neutral"),
        ("   ", "neutral"),
    ],
)
def test_score_of_plain_sentences_has_the_expected_label(text, label):
    assert LexiconEngine().score(text).label == label


def test_score_of_any_text_has_probabilities_that_add_up():
    score = LexiconEngine().score("Bitcoin soars while <b>bonds</b> fall \U0001f680")

    assert sum(score.probabilities.values()) == pytest.approx(1.0)
    assert -1.0 <= score.score <= 1.0
