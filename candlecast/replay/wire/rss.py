"""The replay's feeds: RSS 2.0, and Atom under names with ``reddit``, as Reddit serves it."""

import re
from email.utils import format_datetime
from xml.sax.saxutils import escape

from fastapi import APIRouter, Response

from candlecast.news.articles import FedItem
from candlecast.replay.headlines import slug
from candlecast.replay.wire.newsroom import Newsroom, Shown

VENUE = "rss"
RSS_ITEMS, ATOM_ITEMS = 30, 25
# XML 1.0 has no way to write these.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build_rss_routes(newsroom: Newsroom) -> APIRouter:
    """Return the route that tells the headlines of a feed, whatever its name."""
    router = APIRouter()

    @router.get("/rss/{name}")
    async def feed(name: str) -> Response:
        outlet = slug(name)
        if "reddit" in outlet:
            shown = newsroom.page(VENUE, size=ATOM_ITEMS, outlet=outlet)
            return Response(_atom(outlet, shown), media_type="application/atom+xml; charset=UTF-8")
        shown = newsroom.page(VENUE, size=RSS_ITEMS, outlet=outlet)
        return Response(_rss(outlet, shown), media_type="application/rss+xml; charset=UTF-8")

    return router


def _rss(outlet: str, shown: list[Shown]) -> str:
    items = "".join(
        f"<item><title>{_text(item.title)}</title><link>{_text(item.url)}</link>{_rss_date(item)}"
        f'<guid isPermaLink="false">{number}</guid><description>{_text(item.summary)}</description>'
        f'<source url="https://{slug(item.source)}.example/">{_text(item.source)}</source></item>'
        for number, item in shown
    )
    head = f"<title>{_title(outlet, shown)}</title><link>https://{outlet}.example/</link><description/>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _atom(outlet: str, shown: list[Shown]) -> str:
    entries = "".join(
        f"<entry><id>t3_{number}</id><title>{_text(item.title)}</title>{_atom_date(item)}"
        f'<link href="{_text(item.url)}"/><content type="html">{_text(item.summary)}</content>'
        f"<source><title>{_text(item.source)}</title></source></entry>"
        for number, item in shown
    )
    head = f"<id>/{outlet}</id><title>{_title(outlet, shown)}</title>"
    return f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def _title(outlet: str, shown: list[Shown]) -> str:
    # An outlet calls itself what its headlines say; a feed of several has its own name alone.
    sources = {one.item.source for one in shown}
    return _text(sources.pop() if len(sources) == 1 else outlet)


def _rss_date(item: FedItem) -> str:
    return "" if item.published_at is None else f"<pubDate>{format_datetime(item.published_at)}</pubDate>"


def _atom_date(item: FedItem) -> str:
    return "" if item.published_at is None else f"<published>{item.published_at.isoformat()}</published>"


def _text(text: str) -> str:
    return escape(UNWRITABLE.sub("", text), {'"': "&quot;"})
