"""Which news are known? The tables ``news_table``, ``news_outlets`` and ``news_symbols``: stories, once each."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from candlecast.news.stories import Added, KnownTitle, NewStory, Telling
from candlecast.schemas import NewsItem, NewsSource
from candlecast.storage.postgres import news_pages, news_scores
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.news_pages import NewsQuery

_KNOWN = "SELECT url_hash FROM news_outlets WHERE url_hash = ANY(%s)"
_TITLES = """
SELECT url_hash, title, known_at, source FROM news_table
WHERE known_at >= %s AND known_at <= %s ORDER BY known_at, url_hash
"""
_ADD_STORIES = """
INSERT INTO news_table (url_hash, url, title, summary, source, feed, published_at, known_at, estimated)
VALUES %s RETURNING url_hash, id
"""
_ADD_OUTLETS = "INSERT INTO news_outlets (url_hash, news_id, source, url, known_at) VALUES %s"
_STORIES = "SELECT url_hash, news_id FROM news_outlets WHERE url_hash = ANY(%s)"
_ADD_LINKS = """
INSERT INTO news_symbols (news_id, symbol_id)
SELECT link.news_id, symbols.id FROM (VALUES %s) AS link (news_id, symbol) JOIN symbols USING (symbol)
"""


class NewsStore:
    """Stories, their outlets and the symbols that they are about.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, url_hashes: Collection[str]) -> set[str]:
        """Return those addresses that are stored.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return _known(cursor, url_hashes)

    def recent_titles(self, since: datetime, until: datetime) -> list[KnownTitle]:
        """Return the stories first known in ``[since, until]``, ascending by time and address.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_TITLES, (since, until))
            return [KnownTitle(*row) for row in cursor.fetchall()]

    def add(self, tellings: Sequence[Telling]) -> Added:
        """Store articles, all or none; those that are stored already change nothing.

        Parameters
        ----------
        tellings : sequence of Telling
            A new story before its retellings; symbols that are not stored are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            # One writer at a time, so that what it finds missing is still missing when it writes.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('news_table'))")
            known = _known(cursor, [telling.article.url_hash for telling in tellings])
            fresh = {each.article.url_hash: each for each in tellings if each.article.url_hash not in known}
            first = [telling for url_hash, telling in fresh.items() if telling.story == url_hash]
            retold = [telling for url_hash, telling in fresh.items() if telling.story != url_hash]
            stories = _add_stories(cursor, first)
            n_retold = _add_retellings(cursor, retold)
        return Added(stories, n_retold, len(tellings) - len(fresh))

    def page(self, query: NewsQuery) -> list[NewsItem]:
        """Return the stories that meet `query`, the newest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return news_pages.select(cursor, query)

    def sources(self, since: datetime, until: datetime, *, limit: int) -> list[NewsSource]:
        """Return the outlets that told a story in ``[since, until]``, the busiest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return news_pages.sources(cursor, since, until, limit)

    def unscored(self, engine: str, version: str, limit: int) -> list[tuple[int, str]]:
        """Return number and title of stories that this version of `engine` did not judge yet, the newest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return news_scores.unscored(cursor, engine, version, limit)

    def history(
        self, symbol_ids: Sequence[int], since: datetime, until: datetime, engine: str, version: str
    ) -> pd.DataFrame:
        """Return the scored stories of some symbols that were first known in ``[since, until]``.

        Returns
        -------
        DataFrame of shape (n, 5)
            ``symbol_id``, ``news_id`` (integers), ``known_at``, ``published_at`` (``datetime64[us, UTC]``,
            NaT for undated stories), ``score`` (-1 to 1, never NaN: abstentions and stories that are
            not judged yet are left out); ascending by symbol, ``known_at`` and ``news_id``. A story
            about two of the symbols has two rows.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return news_scores.history(cursor, symbol_ids, (since, until), engine, version)


def _known(cursor: Cursor, url_hashes: Collection[str]) -> set[str]:
    cursor.execute(_KNOWN, (list(url_hashes),))
    return {row[0] for row in cursor.fetchall()}


def _add_stories(cursor: Cursor, first: Sequence[Telling]) -> list[NewStory]:
    if not first:
        return []
    ordered = sorted(first, key=lambda each: (each.article.known_at, each.article.url_hash))
    rows = [_row(telling) for telling in ordered]
    ids = dict(execute_values(cursor, _ADD_STORIES, rows, page_size=len(rows), fetch=True))
    stories = [NewStory(ids[each.story], each.article, each.symbols) for each in ordered]
    _add_outlets(cursor, [(telling, ids[telling.story]) for telling in ordered])
    links = [(story.id, symbol) for story in stories for symbol in dict.fromkeys(story.symbols)]
    if links:
        execute_values(cursor, _ADD_LINKS, links, page_size=len(links))
    return stories


def _add_retellings(cursor: Cursor, retold: Sequence[Telling]) -> int:
    cursor.execute(_STORIES, ([telling.story for telling in retold],))
    ids = dict(cursor.fetchall())
    placed = [(telling, ids[telling.story]) for telling in retold if telling.story in ids]
    _add_outlets(cursor, placed)
    return len(placed)


def _add_outlets(cursor: Cursor, placed: Sequence[tuple[Telling, int]]) -> None:
    articles = [(telling.article, news_id) for telling, news_id in placed]
    rows = [(one.url_hash, news_id, one.source, one.url, one.known_at) for one, news_id in articles]
    if rows:
        execute_values(cursor, _ADD_OUTLETS, rows, page_size=len(rows))


def _row(telling: Telling) -> tuple[object, ...]:
    one = telling.article
    told = (one.url_hash, one.url, one.title, one.summary, one.source, one.feed)
    return (*told, one.published_at, one.known_at, one.estimated)
