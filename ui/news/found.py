"""What does the API know of the wanted stories? Page after page, and what the page shows beside them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from candlecast.errors import CandlecastError
from candlecast.queries import NewsFilter
from candlecast.schemas import NewsItem, NewsPage, NewsSource, Readiness, SentimentSummary, SymbolStatus
from ui.news.wanted import WantedNews
from ui.panels import attempt
from ui.site import Site

SOURCES_TTL_S = 30.0


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories on show, the newest first, and whether older ones are known."""

    items: tuple[NewsItem, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class FoundNews:
    """All that one refresh of the page found out; an error stands where its answer would."""

    wanted: WantedNews
    stories: Stories | CandlecastError
    sources: list[NewsSource] | CandlecastError
    symbols: list[SymbolStatus] | CandlecastError
    readiness: Readiness | CandlecastError
    summary: SentimentSummary | CandlecastError | None

    @property
    def market_time(self) -> datetime | None:
        """Return the market time of this refresh, None when it is not known."""
        return None if isinstance(self.readiness, CandlecastError) else self.readiness.market_time


async def load_news(site: Site, wanted: WantedNews) -> FoundNews:
    """Ask for everything that the page shows; a part that fails leaves the others alone."""
    get, client = site.answers.get, site.client
    stories, sources, symbols, readiness, summary = await asyncio.gather(
        attempt(load_stories(site, wanted)),
        attempt(get("news sources", client.news_sources, ttl_s=SOURCES_TTL_S)),
        attempt(get("symbols", client.symbols)),
        attempt(get("readiness", client.readiness)),
        _summary(site, wanted.symbol),
    )
    return FoundNews(wanted, stories, sources, symbols, readiness, summary)


async def load_stories(site: Site, wanted: WantedNews) -> Stories:
    """Return as many pages as are wanted, each beginning where the one before ended.

    Raises
    ------
    CandlecastError
        When the API answers any of them with an error.
    """
    items: list[NewsItem] = []
    cursor: str | None = None
    for _ in range(wanted.pages):
        page = await _page(site, wanted.filter(cursor))
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return Stories(tuple(items), more=cursor is not None)


async def _page(site: Site, question: NewsFilter) -> NewsPage:
    return await site.answers.get(("news", question), lambda: site.client.news(question))


async def _summary(site: Site, symbol: str | None) -> SentimentSummary | CandlecastError | None:
    if symbol is None:
        return None
    return await attempt(site.answers.get(("sentiment", symbol), lambda: site.client.sentiment_summary(symbol)))
