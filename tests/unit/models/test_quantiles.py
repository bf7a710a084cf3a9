from functools import lru_cache

import numpy as np

from candlecast.features.table import FEATURE_NAMES
from candlecast.models.estimators import BoostedTrees
from candlecast.models.intervals import LEVELS
from candlecast.models.quantiles import Quantiles
from candlecast.models.volatility import Effort

N = 3_000
SKEW = FEATURE_NAMES.index("adx_14")
PLACE = LEVELS.index(0.80)


@lru_cache(maxsize=1)
def skewed() -> tuple[np.ndarray, np.ndarray]:
    # where adx_14 is high, falls are four times as long as rises
    rng = np.random.default_rng(12)
    features = rng.normal(size=(N, len(FEATURE_NAMES))).astype(np.float32)
    ratio = rng.normal(size=N)
    ratio[(features[:, SKEW] > 0.0) & (ratio < 0.0)] *= 4.0
    return features, ratio


@lru_cache(maxsize=1)
def fitted() -> Quantiles:
    features, ratio = skewed()
    return Quantiles.fit(features, ratio=ratio, horizon=1)


def test_quantiles_learn_on_which_side_more_is_needed():
    features, _ = skewed()

    found = fitted().distances(features)

    lopsided = found[:, PLACE] / found[:, len(LEVELS) + PLACE]
    high = features[:, SKEW] > 0.0
    assert np.median(lopsided[high]) > 1.3 * np.median(lopsided[~high])


def test_quantiles_of_rows_unlike_training_are_ascending_and_above_zero_on_both_sides():
    features, ratio = skewed()
    wild = np.where(features > 1.0, np.nan, 9.0 * features).astype(np.float32)
    far_up = Quantiles.fit(features, ratio=ratio + 3.0, horizon=1, effort=Effort(max_rows=400))

    for found in (fitted().distances(wild), far_up.distances(wild)):
        assert (found > 0.0).all()
        assert (np.diff(found[:, : len(LEVELS)], axis=1) > 0.0).all()
        assert (np.diff(found[:, len(LEVELS) :], axis=1) > 0.0).all()


def test_quantiles_of_one_seed_are_the_same_twice_and_after_a_round_trip():
    features, ratio = skewed()
    effort = Effort(max_rows=600, seed=3)

    first, second = (Quantiles.fit(features, ratio=ratio, horizon=1, effort=effort) for _ in range(2))
    again = Quantiles(BoostedTrees.load(first.trees.dump()))

    assert first.trees.dump() == second.trees.dump()
    np.testing.assert_array_equal(again.distances(features), first.distances(features))


def test_quantiles_of_many_rows_say_what_each_says_alone():
    features, _ = skewed()

    together = fitted().distances(features[:64])

    np.testing.assert_array_equal(together[5:6], fitted().distances(features[5:6]))
