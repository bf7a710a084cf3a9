"""Do fitted weights tell the classes apart?"""

import numpy as np

from candlecast.sentiment.lexicon import FEATURES
from candlecast.sentiment.lexicon_fit import fit_weights


def test_fit_weights_of_parted_classes_finds_them_again():
    chance = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], [20, 100, 30])
    features = chance.normal(0.0, 0.1, (len(labels), len(FEATURES)))
    features[:, 0] = 1.0
    features[:, 1] += labels - 1.0

    weights = fit_weights(features, labels)

    assert weights.table.shape == (3, len(FEATURES))
    assert (weights.probabilities(features).argmax(axis=1) == labels).mean() > 0.95
    assert fit_weights(features, labels).digest == weights.digest


def test_fit_weights_without_information_leans_halfway_to_even_classes():
    labels = np.repeat([0, 1, 2], [10, 160, 10])
    features = np.zeros((len(labels), len(FEATURES)))
    features[:, 0] = 1.0

    shares = fit_weights(features, labels).probabilities(features[:1])[0]

    # the square root of 1 : 16 : 1 is 1 : 4 : 1
    np.testing.assert_allclose(shares, [1 / 6, 4 / 6, 1 / 6], atol=0.02)
