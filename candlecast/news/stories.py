"""What is a story? All articles that tell the same; it counts once, from the moment it was first known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from candlecast.news.articles import Article


@dataclass(frozen=True, slots=True)
class KnownTitle:
    """A stored story, as far as later articles are compared to it.

    Parameters
    ----------
    story : str
        `Article.url_hash` of the article that told it first.
    title : str
        Title of that article.
    known_at : datetime
        When it was known.
    source : str
        Outlet that told it first.
    """

    story: str
    title: str
    known_at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """An article and the story that it tells.

    Parameters
    ----------
    article : Article
        Cleaned.
    story : str
        `Article.url_hash` of the article that told it first: its own when the story is new.
    symbols : tuple of str
        Names of followed symbols that a new story is about; those of a retelling do not count, since
        what a story is about must not change after it was known.
    """

    article: Article
    story: str
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story that was stored just now: its number, its first article, the symbols that it is about."""

    id: int
    article: Article
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What a write of tellings did.

    Parameters
    ----------
    stories : sequence of NewStory
        Ascending by when they were known.
    n_retold : int
        Articles that were new but told a known story.
    n_known : int
        Articles that were stored before.
    """

    stories: Sequence[NewStory]
    n_retold: int
    n_known: int
