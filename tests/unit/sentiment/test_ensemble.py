"""Does the ensemble listen to both?"""

import numpy as np

from candlecast.sentiment.calibration import Blend
from candlecast.sentiment.engine import Verdicts
from candlecast.sentiment.ensemble import EnsembleEngine
from tests.fixed_engine import FixedEngine

TRANSFORMER = FixedEngine("transformer", "t1", [0.8, 0.1, 0.1])
LEXICON = FixedEngine("lexicon", "l1", [0.2, 0.4, 0.4])


def test_ensemble_of_two_engines_has_their_blend_and_both_versions():
    engine = EnsembleEngine(TRANSFORMER, LEXICON, blend=Blend(lexicon_weight=0.5))

    verdicts = engine.judge(["a", "b"])

    np.testing.assert_allclose(verdicts.probabilities, [[0.5, 0.25, 0.25]] * 2)
    assert (engine.name, engine.version) == ("ensemble", "t1+l1")


def test_ensemble_abstains_when_the_transformer_does_and_not_when_the_lexicon_does():
    silent = FixedEngine("transformer", "t1", [0.8, 0.1, 0.1], reason="too short")

    assert EnsembleEngine(silent, LEXICON, blend=Blend()).judge(["a"]).abstain_reasons == ("too short",)
    mute = FixedEngine("lexicon", "l1", [0.2, 0.4, 0.4], reason="no words")
    verdicts: Verdicts = EnsembleEngine(TRANSFORMER, mute, blend=Blend()).judge(["a"])
    assert verdicts.abstain_reasons == (None,)
