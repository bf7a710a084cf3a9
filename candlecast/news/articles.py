"""What is an article? As a feed gives it, and as it may be stored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FedItem:
    """One item of a feed, as its outlet wrote it: nothing in it is trusted.

    Parameters
    ----------
    feed : str
        Where we got it: ``newsapi``, ``cryptopanic``, ``rss:coindesk``, ``file``.
    source : str
        The outlet.
    url, title, summary : str
        As given; may hold markup, may be empty.
    published_at : datetime or None
        Aware, UTC; None when the outlet does not say, or says something unreadable.
    codes : tuple of str
        Tickers that the feed itself names, as ``BTC``.
    """

    feed: str
    source: str
    url: str
    title: str
    summary: str = ""
    published_at: datetime | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One article that is safe to store and to show as text.

    Parameters
    ----------
    feed, source : str
        As in `FedItem`, cleaned.
    url : str
        ``http`` or ``https``.
    url_hash : str
        SHA-256 of the address without what only tracks readers, in hexadecimal.
    title : str
        Plain text, 1 to 300 characters.
    summary : str
        Plain text, at most 1,000 characters.
    published_at : datetime or None
        Never after `known_at`; None: undated, of use live only.
    known_at : datetime
        Market time at which we knew it.
    estimated : bool
        Whether `known_at` was derived from `published_at`.
    codes : tuple of str
        Tickers that the feed itself names.
    """

    feed: str
    source: str
    url: str
    url_hash: str
    title: str
    summary: str
    published_at: datetime | None
    known_at: datetime
    estimated: bool
    codes: tuple[str, ...] = ()
