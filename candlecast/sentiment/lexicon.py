"""VADER's rule-based score of a text, as the wire model of one sentiment."""

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from candlecast.schemas import SentimentScore

# Thresholds of the compound score, from VADER's own documentation
# (Hutto and Gilbert, ICWSM 2014).
POSITIVE_FROM = 0.05
NEGATIVE_TO = -0.05


class LexiconEngine:
    """Scores texts by VADER's lexicon and rules; keeps no state between texts."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()

    def score(self, text: str) -> SentimentScore:
        """Return the score of `text`.

        Parameters
        ----------
        text : str
            Plain text of any length; an empty one is neutral.

        Returns
        -------
        SentimentScore
            Score in [-1, 1]; probabilities are VADER's shares of negative, neutral and positive
            words, which add up to 1.
        """
        if not text.strip():
            silence = {"negative": 0.0, "neutral": 1.0, "positive": 0.0}
            return SentimentScore(score=0.0, label="neutral", probabilities=silence)
        shares = self._analyzer.polarity_scores(text)
        total = shares["neg"] + shares["neu"] + shares["pos"] or 1.0
        score = float(shares["compound"])
        return SentimentScore(
            score=score,
            label="positive" if score >= POSITIVE_FROM else "negative" if score <= NEGATIVE_TO else "neutral",
            probabilities={
                "negative": shares["neg"] / total,
                "neutral": shares["neu"] / total,
                "positive": shares["pos"] / total,
            },
        )
