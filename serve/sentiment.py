"""Scores texts in a deployment of its own, off the event loop."""

import asyncio

from ray import serve

from candlecast.sentiment.lexicon import LexiconEngine


@serve.deployment
class SentimentDeployment:
    """Holds the sentiment engines."""

    def __init__(self) -> None:
        self._vader = LexiconEngine()

    async def score(self, texts: list[str]) -> list[dict[str, object]]:
        """Return one ``SentimentScore`` as a JSON object for each text."""
        scores = await asyncio.to_thread(lambda: [self._vader.score(text) for text in texts])
        return [score.model_dump() for score in scores]
