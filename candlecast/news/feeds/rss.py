"""News from an outlet's own feed: RSS and Atom, Reddit's among them; wants no key."""

import asyncio
import time
from calendar import timegm
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import feedparser

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.http import FeedClient, Question

KIND = "rss"
MOST_ITEMS = 200
# A feed that ends otherwise was cut, its last item too.
ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")
REACH = 200
# Broken XML costs a reading that grows with the square of its length, a second for so much.
MOST_BROKEN_BYTES = 300_000
# What feedparser raises over characters and addresses that are none.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
ACCEPT = {"Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"}


class RssFeed:
    """What an outlet has published lately, at most 200 items.

    Parameters
    ----------
    client : FeedClient
        Asks.
    outlet : str
        What settings call it.
    url : str
        Its address.
    quota : str
        Budget that requests are paid from, "" for its own.
    """

    cost = 1.0

    def __init__(self, client: FeedClient, *, outlet: str, url: str, quota: str = "") -> None:
        self.name = f"{KIND}:{outlet}"
        self.quota = quota or f"news:{self.name}"
        self._client = client
        self._question = Question(self.name, url, headers=ACCEPT)
        self._last: tuple[bytes, list[FedItem]] = (b"", [])

    async def fetch(self) -> list[FedItem]:
        """Return its items; see `Feed`. A page that is the last one again is not read again."""
        body = await self._client.get(self._question)
        if body != self._last[0]:
            # A long page takes a good part of a second.
            self._last = body, await asyncio.to_thread(parse_rss, body, name=self.name)
        return list(self._last[1])


def parse_rss(body: bytes, *, name: str) -> list[FedItem]:
    """Return the items of a feed; the time of one that is undated, or whose time cannot be read, is None.

    Parameters
    ----------
    body : bytes
        RSS or Atom.
    name : str
        Of the feed, as ``rss:coindesk``.

    Raises
    ------
    SourceUnavailableError
        When it is no feed, or ends in the middle.
    """
    if not body.rstrip()[-REACH:].lower().rstrip(b"\0").endswith(ENDS):
        raise SourceUnavailableError(f"{name} answered no whole feed of RSS or Atom; it is asked again later")
    if len(body) > MOST_BROKEN_BYTES and not _is_sound(body):
        limit = f"{MOST_BROKEN_BYTES / 1e3:g} kB"
        raise SourceUnavailableError(f"{name} answered broken XML of more than {limit}; it is asked again later")
    try:
        # Bytes by themselves would be taken for an address or the name of a file; cleaning comes later.
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except UNREADABLE as error:
        message = f"{name} answered XML that cannot be read ({type(error).__name__}); it is asked again later"
        raise SourceUnavailableError(message) from error
    if not parsed.get("version") and not parsed.entries:
        raise SourceUnavailableError(f"{name} answered XML that is no feed of RSS or Atom; check its address")
    outlet = _text(parsed.feed.get("title")) or name
    return [_item(entry, name=name, outlet=outlet) for entry in parsed.entries[:MOST_ITEMS]]


def _item(entry: Any, *, name: str, outlet: str) -> FedItem:
    source = entry.get("source")
    return FedItem(
        feed=name,
        # A feed that gathers from others says from whom.
        source=(_text(source.get("title")) if isinstance(source, dict) else "") or outlet,
        url=_text(entry.get("link")),
        title=_text(entry.get("title")),
        summary=_text(entry.get("summary")),
        published_at=_moment(_time(entry, "published_parsed") or _time(entry, "updated_parsed")),
    )


def _is_sound(body: bytes) -> bool:
    try:
        ParserCreate().Parse(body, True)
    except ExpatError:
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(entry: Any, name: str) -> time.struct_time | None:
    # Past feedparser's own look-up, which warns where it takes one time for the other.
    found = dict.get(entry, name)
    return found if isinstance(found, time.struct_time) else None


def _moment(parsed: time.struct_time | None) -> datetime | None:
    # feedparser gives UTC.
    try:
        return None if parsed is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timegm(parsed))
    except (ValueError, OverflowError):
        return None
