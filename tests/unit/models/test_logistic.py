import numpy as np

from candlecast.evaluation.metrics import auc
from candlecast.models.logistic import DEFAULT_PARAMS, Logistic


def test_logistic_learns_a_linear_signal_despite_holes():
    chance = np.random.default_rng(1)
    features = chance.normal(size=(4_000, 3)).astype(np.float32)
    direction = (features[:, 0] + chance.normal(size=4_000) > 0).astype(float)
    features[::50, 1] = np.nan

    found = Logistic.fit(features[:2_000], direction[:2_000], params=DEFAULT_PARAMS, seed=0, nthread=1)

    assert auc(found.margins(features[2_000:]), direction[2_000:]) > 0.75
