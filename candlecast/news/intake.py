"""What becomes of items that a feed gave? Cleaned, told apart from what is known, linked, stored; or refused."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from candlecast.news.articles import Article, FedItem
from candlecast.news.cleaning import EARLIEST, LATEST, Refusal, RefusalReason, clean_item
from candlecast.news.dedupe import SAME_STORY_WITHIN, StoryIndex
from candlecast.news.linking import SymbolLinker
from candlecast.news.stories import Added, KnownTitle, NewStory, Telling

# An archive says when an article was published, not when one could have read it: later by so much.
READ_AFTER = timedelta(minutes=10)


class Stories(Protocol):
    """Where stories are kept; `candlecast.storage.postgres.news.NewsStore` is one."""

    def known(self, url_hashes: Collection[str]) -> set[str]:
        """Return those addresses that are stored."""
        ...

    def recent_titles(self, since: datetime, until: datetime) -> list[KnownTitle]:
        """Return the stories first known in ``[since, until]``."""
        ...

    def add(self, tellings: Sequence[Telling]) -> Added:
        """Store articles, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of items.

    Parameters
    ----------
    stories : sequence of NewStory
        Stories that are new, ascending by when they were known.
    n_merged : int
        New articles that tell a story which was known.
    n_known : int
        Articles that were stored before, or twice among the items.
    refusals : mapping of str to int
        How many items were refused, by reason.
    """

    stories: Sequence[NewStory]
    n_merged: int
    n_known: int
    refusals: Mapping[RefusalReason, int]

    @property
    def n_new(self) -> int:
        """Return how many stories are new."""
        return len(self.stories)

    @property
    def n_refused(self) -> int:
        """Return how many items were refused, for whatever reason."""
        return sum(self.refusals.values())


class NewsIntake:
    """Turns what feeds give into stored stories; used from one thread at a time.

    Parameters
    ----------
    store : Stories
        Where stories are kept.
    linker : SymbolLinker
        Knows which symbols are followed.
    """

    def __init__(self, store: Stories, linker: SymbolLinker) -> None:
        self._store = store
        self._linker = linker

    def take(self, items: Sequence[FedItem], now: datetime) -> Taken:
        """Take items that were received just now.

        Parameters
        ----------
        items : sequence of FedItem
            As the feeds gave them; the same ones may come again and again, and change nothing.
        now : datetime
            Aware market time: the articles are known since.

        Returns
        -------
        Taken
            Its figures add up to the number of items. Nothing is stored when it raises.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return self._store_all([clean_item(item, known_at=now) for item in items])

    def take_history(self, items: Sequence[FedItem]) -> Taken:
        """Take items of an archive: each is known since `READ_AFTER` its publication, marked as estimated.

        Undated items are refused, since nobody knows when they could have been read. Give the items
        of one archive in the order of their publication, see `candlecast.news.history`.

        Parameters
        ----------
        items : sequence of FedItem
            As read from the archive.

        Returns
        -------
        Taken
            Its figures add up to the number of items. Nothing is stored when it raises.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return self._store_all([_clean_past(item) for item in items])

    def _store_all(self, cleaned: Sequence[Article | Refusal]) -> Taken:
        refusals = Counter(one.reason for one in cleaned if isinstance(one, Refusal))
        articles = [one for one in cleaned if isinstance(one, Article)]
        known = self._store.known([article.url_hash for article in articles]) if articles else set()
        fresh = _earliest_of_each([article for article in articles if article.url_hash not in known])
        added = self._store.add(self._tell(fresh)) if fresh else Added((), 0, 0)
        n_known = len(articles) - len(added.stories) - added.n_retold
        return Taken(added.stories, added.n_retold, n_known, refusals)

    def _tell(self, articles: Sequence[Article]) -> list[Telling]:
        times = [article.known_at for article in articles]
        since, until = min(times) - SAME_STORY_WITHIN, max(times) + SAME_STORY_WITHIN
        stories = StoryIndex(self._store.recent_titles(since, until)).place(articles)
        return [
            Telling(article, story, self._symbols(article) if story == article.url_hash else ())
            for article, story in zip(articles, stories, strict=True)
        ]

    def _symbols(self, article: Article) -> tuple[str, ...]:
        # A summary names what the article is not about, too: it is asked only where the title names nothing.
        found = self._linker.link(article.title, article.codes)
        return found or self._linker.link(article.summary, ())


def _clean_past(item: FedItem) -> Article | Refusal:
    published_at = item.published_at
    if published_at is None or published_at.tzinfo is None or published_at < EARLIEST:
        return Refusal("undated")
    if published_at > LATEST:
        return Refusal("future")
    return clean_item(item, known_at=published_at.astimezone(UTC) + READ_AFTER, estimated=True)


def _earliest_of_each(articles: Sequence[Article]) -> list[Article]:
    ordered = sorted(articles, key=lambda article: (article.known_at, article.title), reverse=True)
    return list({article.url_hash: article for article in ordered}.values())[::-1]
