"""Archives of articles as scored stories in memory: taken, linked and told apart as the product does it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from candlecast.market.symbols import Symbol
from candlecast.news.history import read_history
from candlecast.news.intake import NewsIntake
from candlecast.news.linking import SymbolLinker
from candlecast.news.stories import Added, KnownTitle, NewStory, Telling
from candlecast.sentiment.aggregate import Stories
from candlecast.sentiment.engine import SentimentEngine


class MemoryStories:
    """Keeps stories while the benchmark runs."""

    def __init__(self) -> None:
        self.stories: list[NewStory] = []
        self._hashes: set[str] = set()
        self._titles: list[KnownTitle] = []

    def known(self, url_hashes: Collection[str]) -> set[str]:
        """Return those addresses that are kept."""
        return self._hashes & set(url_hashes)

    def recent_titles(self, since: datetime, until: datetime) -> list[KnownTitle]:
        """Return the stories first known in ``[since, until]``."""
        return [title for title in self._titles if since <= title.known_at <= until]

    def add(self, tellings: Sequence[Telling]) -> Added:
        """Keep articles."""
        first = [one for one in tellings if one.story == one.article.url_hash]
        stories = [
            NewStory(len(self.stories) + place, telling.article, telling.symbols) for place, telling in enumerate(first)
        ]
        self.stories += stories
        self._hashes |= {telling.article.url_hash for telling in tellings}
        articles = [story.article for story in stories]
        self._titles += [KnownTitle(one.url_hash, one.title, one.known_at, one.source) for one in articles]
        return Added(stories, len(tellings) - len(first), 0)


def read_stories(files: Sequence[Path], engine: SentimentEngine, symbols: Sequence[str]) -> dict[str, Stories]:
    """Return the dated, scored stories of each symbol.

    Parameters
    ----------
    files : sequence of Path
        Archives; all are read before stories are told apart, so that their order does not matter.
    engine : SentimentEngine
        Judges titles.
    symbols : sequence of str
        Names of the symbols that are followed.
    """
    store = MemoryStories()
    intake = NewsIntake(store, SymbolLinker([Symbol.parse(name) for name in symbols]))
    items = [item for file in files for chunk in read_history(file) for item in chunk]
    intake.take_history(items)
    linked = [story for story in store.stories if story.symbols]
    scores = engine.judge([story.article.title for story in linked]).scores
    rows = [
        (symbol, story.article.known_at, story.article.published_at, score)
        for story, score in zip(linked, scores, strict=True)
        for symbol in story.symbols
    ]
    frame = pd.DataFrame(rows, columns=["symbol", "known_at", "published_at", "score"])
    return {str(symbol): Stories.of(part, dated_only=True) for symbol, part in frame.groupby("symbol")}
