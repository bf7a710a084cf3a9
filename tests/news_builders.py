"""Small values for the tests of news: everything has a default, each test names what matters to it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from candlecast.news.articles import Article, FedItem
from candlecast.news.stories import Added, KnownTitle, NewStory, Telling

NOW = datetime(2022, 5, 10, 12, 0, tzinfo=UTC)


def make_item(title: str = "Bitcoin rises", **overrides: Any) -> FedItem:
    """Return an item of the outlet Daily, whose address is made of its title."""
    values: dict[str, Any] = {
        "feed": "rss:daily",
        "source": "Daily",
        "url": f"https://daily.example/{sha256(title.encode(errors='replace')).hexdigest()[:12]}",
        "title": title,
        "published_at": NOW,
    }
    return FedItem(**values | overrides)


def make_article(title: str = "Bitcoin rises", **overrides: Any) -> Article:
    """Return an article of the outlet Daily, whose address is made of its title."""
    name = sha256(title.encode()).hexdigest()[:12]
    values: dict[str, Any] = {
        "feed": "rss:daily",
        "source": "Daily",
        "url": f"https://daily.example/{name}",
        "url_hash": name,
        "title": title,
        "summary": "",
        "published_at": NOW,
        "known_at": NOW,
        "estimated": False,
    }
    return Article(**values | overrides)


class MemoryStories:
    """Keeps stories in a list; the articles of each are in `tellings`."""

    def __init__(self) -> None:
        self.tellings: list[Telling] = []

    def known(self, url_hashes: Collection[str]) -> set[str]:
        return {telling.article.url_hash for telling in self.tellings} & set(url_hashes)

    def recent_titles(self, since: datetime, until: datetime) -> list[KnownTitle]:
        articles = [one.article for one in self.tellings if one.story == one.article.url_hash]
        return [
            KnownTitle(one.url_hash, one.title, one.known_at, one.source)
            for one in articles
            if since <= one.known_at <= until
        ]

    def add(self, tellings: Sequence[Telling]) -> Added:
        self.tellings += tellings
        new = [one for one in tellings if one.story == one.article.url_hash]
        stories = [NewStory(number, one.article, one.symbols) for number, one in enumerate(new)]
        return Added(stories, len(tellings) - len(new), 0)
