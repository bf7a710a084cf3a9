"""What of a feed's item may be stored and shown? Plain text, an honest link, a possible time; all else is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from candlecast.news.articles import Article, FedItem
from candlecast.news.links import MAX_URL, clean_link
from candlecast.news.plain_text import plain_text

# no_title: nothing to read · bad_url: no link that may be followed · future: published after now ·
# undated: no time, where one is needed
RefusalReason = Literal["no_title", "bad_url", "future", "undated"]

MAX_TITLE = 300
MAX_SUMMARY = 1_000
MAX_SOURCE = 100
MAX_CODES = 20
MAX_CODE = 15
# an outlet's clock may run ahead of ours by this much
CLOCK_TOLERANCE = timedelta(minutes=5)
# no article is older or newer; such dates are zeros and overflows of machines
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item is no article."""

    reason: RefusalReason


def clean_item(item: FedItem, *, known_at: datetime, estimated: bool = False) -> Article | Refusal:
    """Return the article that `item` tells, or why there is none.

    Parameters
    ----------
    item : FedItem
        As a feed gave it; nothing in it is trusted, and nothing of it may cost seconds.
    known_at : datetime
        Aware market time at which we knew it.
    estimated : bool
        Whether `known_at` was derived from ``published_at``.

    Returns
    -------
    Article or Refusal
        ``future`` is a refusal for now: the feed gives the item again when its time has come. A
        ``published_at`` that is at most `CLOCK_TOLERANCE` ahead counts as `known_at`; one without a
        zone or before `EARLIEST` is as good as none.
    """
    title = plain_text(item.title, limit=MAX_TITLE)
    # a title needs something to read; "…" alone or a row of dashes is none
    if not any(letter.isalnum() for letter in title):
        return Refusal("no_title")
    link = clean_link(item.url) if len(item.url) <= MAX_URL else None
    if link is None:
        return Refusal("bad_url")
    published_at = _published_at(item.published_at, known_at)
    if published_at is not None and published_at > known_at:
        return Refusal("future")
    return Article(
        feed=plain_text(item.feed, limit=MAX_SOURCE),
        source=plain_text(item.source, limit=MAX_SOURCE) or link.host,
        url=link.url,
        url_hash=sha256(link.url.encode()).hexdigest(),
        title=title,
        summary=plain_text(item.summary, limit=MAX_SUMMARY),
        published_at=published_at,
        known_at=known_at,
        estimated=estimated,
        codes=_codes(item.codes),
    )


def _published_at(given: datetime | None, known_at: datetime) -> datetime | None:
    if given is None or given.tzinfo is None or given < EARLIEST:
        return None
    moment = min(given, LATEST).astimezone(UTC)
    return known_at if known_at < moment <= known_at + CLOCK_TOLERANCE else moment


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    codes = (code.strip().upper() for code in given if len(code) <= MAX_CODE)
    sound = dict.fromkeys(code for code in codes if code.isascii() and code.replace(".", "").isalnum())
    return tuple(sound)[:MAX_CODES]
