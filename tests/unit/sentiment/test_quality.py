"""Are accuracy, F1 and confusion what sklearn says they are?"""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from candlecast.sentiment.engine import Verdicts
from candlecast.sentiment.quality import macro_f1, quality


@pytest.fixture
def judged():
    chance = np.random.default_rng(3)
    probabilities = chance.dirichlet((1, 1, 1), size=200)
    return Verdicts(probabilities, (None,) * 150 + ("too short",) * 50), chance.integers(0, 3, 200)


def test_quality_of_random_verdicts_equals_sklearn(judged):
    verdicts, classes = judged

    found = quality(verdicts, classes)

    assert found.accuracy == np.mean(verdicts.labels == classes)
    assert found.macro_f1 == pytest.approx(f1_score(classes, verdicts.labels, average="macro"))
    assert found.confusion.tolist() == confusion_matrix(classes, verdicts.labels).tolist()
    assert found.accuracy_low < found.accuracy < found.accuracy_high
    assert (found.n, found.abstained_share) == (200, 0.25)


def test_macro_f1_of_two_occurring_classes_leaves_the_third_out():
    assert macro_f1(np.array([[5, 0, 0], [0, 0, 0], [0, 2, 3]])) == pytest.approx((1.0 + 0.75) / 2)
