"""What do transformer and lexicon say together? One knows sentences, the other words that the first never saw."""

from collections.abc import Sequence

from candlecast.schemas import Engine
from candlecast.sentiment.calibration import Blend
from candlecast.sentiment.engine import SentimentEngine, Verdicts


class EnsembleEngine:
    """Blends the probabilities of two engines; abstains when the transformer does.

    Parameters
    ----------
    transformer, lexicon : SentimentEngine
        Whose opinions are blended.
    blend : Blend
        How much the lexicon weighs, and the temperature of the mixture.
    """

    name: Engine = "ensemble"

    def __init__(self, transformer: SentimentEngine, lexicon: SentimentEngine, *, blend: Blend) -> None:
        self._transformer = transformer
        self._lexicon = lexicon
        self._blend = blend

    @property
    def version(self) -> str:
        """Return the versions of both engines; how they blend is part of the transformer's."""
        return f"{self._transformer.version}+{self._lexicon.version}"

    def judge(self, texts: Sequence[str]) -> Verdicts:
        """Return blended probabilities of shape (n, 3), and the transformer's reasons to abstain."""
        transformer = self._transformer.judge(texts)
        lexicon = self._lexicon.judge(texts)
        return Verdicts(self._blend.mix(transformer.probabilities, lexicon.probabilities), transformer.abstain_reasons)
