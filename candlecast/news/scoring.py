"""Which stories are not judged yet? An engine judges their titles, and what it says is kept."""

from typing import Protocol

from candlecast.clock import Clock
from candlecast.sentiment.engine import SentimentEngine
from candlecast.storage.postgres.sentiment import ScoredNews, SentimentStore

BATCH = 256


class Unscored(Protocol):
    """Knows what is not judged yet; `candlecast.storage.postgres.news.NewsStore` does."""

    def unscored(self, engine: str, version: str, limit: int) -> list[tuple[int, str]]:
        """Return number and title of stories that a version of an engine did not judge yet."""
        ...


def score_new(
    store: Unscored, sentiments: SentimentStore, engine: SentimentEngine, clock: Clock, *, batch: int = BATCH
) -> int:
    """Judge the title of every story that this version of `engine` did not judge yet, the newest first.

    Each batch is stored by itself: whoever is stopped in between goes on where it was. Two at once
    do the work twice and store it once.

    Parameters
    ----------
    store : Unscored
        Knows the stories.
    sentiments : SentimentStore
        Takes what the engine says, abstentions included.
    engine : SentimentEngine
        Judges texts.
    clock : Clock
        Market time, for ``scored_at``.
    batch : int
        Stories judged and stored together, at least 1.

    Returns
    -------
    int
        How many stories were judged.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    n_judged = 0
    while waiting := store.unscored(engine.name, engine.version, batch):
        verdicts = engine.judge([title for _, title in waiting]).on_the_wire()
        now = clock.now()
        sentiments.add(
            [
                ScoredNews(news_id, engine.name, engine.version, sentiment, now)
                for (news_id, _), sentiment in zip(waiting, verdicts, strict=True)
            ]
        )
        n_judged += len(waiting)
    return n_judged
