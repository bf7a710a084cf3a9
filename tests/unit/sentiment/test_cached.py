"""Is a text judged once, and never answered with another's verdict?"""

import numpy as np

from candlecast.sentiment.cached import CachedVerdicts
from candlecast.sentiment.engine import Verdicts
from tests.fixed_engine import FixedEngine


class CountingEngine(FixedEngine):
    """Judges a text by its length."""

    def __init__(self, version="1"):
        super().__init__("lexicon", version, [0, 0, 0])
        self.asked = []

    def judge(self, texts):
        self.asked.append(list(texts))
        return Verdicts(np.array([[len(text), 0.0, 0.0] for text in texts]), tuple(texts))


def test_known_texts_are_not_judged_again_and_repeated_ones_once():
    engine, cache = CountingEngine(), CachedVerdicts(size=10)
    cache.judge(engine, ["a", "bb"])

    verdicts = cache.judge(engine, ["ccc", "a", "ccc", "bb"])

    assert engine.asked == [["a", "bb"], ["ccc"]]
    assert verdicts.probabilities[:, 0].tolist() == [3, 1, 3, 2]
    assert verdicts.abstain_reasons == ("ccc", "a", "ccc", "bb")


def test_verdicts_of_another_version_are_not_used():
    cache = CachedVerdicts(size=10)
    old, new = CountingEngine("1"), CountingEngine("2")

    cache.judge(old, ["a"])
    cache.judge(new, ["a"])

    assert new.asked == [["a"]]


def test_cache_smaller_than_a_request_still_answers_all_of_it():
    engine, cache = CountingEngine(), CachedVerdicts(size=2)

    verdicts = cache.judge(engine, ["a", "bb", "ccc", "dddd"])

    assert verdicts.probabilities[:, 0].tolist() == [1, 2, 3, 4]
    cache.judge(engine, ["a"])
    assert engine.asked[1:] == [["a"]]


def test_no_texts_have_no_verdicts():
    assert CachedVerdicts(size=2).judge(CountingEngine(), []).probabilities.shape == (0, 3)
