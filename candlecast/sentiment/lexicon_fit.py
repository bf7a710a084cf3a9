"""Which weights turn the features of the lexicon engine into class probabilities?"""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from candlecast.sentiment.lexicon import Features, Weights

# 0 keeps the shares of the classes as they are in the labelled texts, 1 makes them even. Half-way: news hold
# fewer neutral texts than the tweets that the weights are fitted on, but not as few as a third.
_EVENNESS = 0.5


def fit_weights(features: Features, labels: npt.NDArray[np.int64]) -> Weights:
    """Return the weights of a multinomial logistic regression, deterministic.

    Parameters
    ----------
    features : ndarray of shape (n, len(FEATURES))
        Of `LexiconEngine.features`, finite.
    labels : ndarray of shape (n,)
        Places in `candlecast.sentiment.engine.LABELS`; every class occurs.

    Returns
    -------
    Weights
        Rounded to four digits, as they are stored.
    """
    totals = np.bincount(labels, minlength=3)
    weights = (len(labels) / (3.0 * totals)) ** _EVENNESS
    # the features hold the constant
    model = LogisticRegression(fit_intercept=False, max_iter=2_000)
    model.fit(features, labels, sample_weight=weights[labels])
    return Weights(np.round(model.coef_, 4))
