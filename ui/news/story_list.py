"""What do the stories look like? One line each, every text from outside as text, links to the web only."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from candlecast.errors import CandlecastError
from candlecast.schemas import NewsItem, Readiness, SentimentScore
from ui import words
from ui.dashboard.headlines_card import link
from ui.live import age, moment
from ui.news.found import FoundNews, Stories
from ui.news.wanted import MOST_PAGES, PAGE_SIZE
from ui.panels import card, empty, failed, filled

TITLE = "Stories"
_SAID = {"positive": ("bullish", "cc-up"), "negative": ("bearish", "cc-down"), "neutral": ("neutral", "")}


def list_value(found: FoundNews) -> str:
    """Return the value of the panel of the stories."""
    about = found.wanted.about
    if isinstance(found.stories, CandlecastError):
        return failed(found.stories, title=TITLE, about=about)
    if not found.stories.items:
        return _nothing(found)
    lines = "".join(story_line(story, market_time=found.market_time) for story in found.stories.items)
    body = f'<ol class="cc-stories">{lines}</ol>{_foot(found.stories, pages=found.wanted.pages)}'
    return filled(card(TITLE, body, aside=_aside(found.stories)), about=about)


def story_line(story: NewsItem, *, market_time: datetime | None) -> str:
    """Return one story; `market_time` None leaves out its age."""
    return (
        f'<li class="cc-news-item" data-story="{story.id}">{_chip(story.sentiment)}'
        f'<div><p class="cc-news-title">{link(story)}</p>'
        f'<p class="cc-news-facts">{_when(story, market_time)}{_source(story)}{_symbols(story.symbols)}</p></div></li>'
    )


def _chip(sentiment: SentimentScore | None) -> str:
    if sentiment is None:
        return '<span class="cc-chip cc-chip-none" title="The engine has not judged it yet">not judged</span>'
    if sentiment.score is None:
        why = escape(sentiment.abstain_reason or "the engine abstains")
        return f'<span class="cc-chip cc-chip-none" title="{why}">no score</span>'
    said, kind = _SAID[sentiment.label or "neutral"]
    shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in sorted(sentiment.probabilities.items()))
    score = f"{words.signed(sentiment.score)} <small>{said}</small>"
    return f'<span class="cc-chip {kind}" title="{escape(shares)}">{score}</span>'


def _when(story: NewsItem, market_time: datetime | None) -> str:
    told = story.published_at or story.known_at
    known = f"known {words.moment(story.known_at)}{', estimated' if story.estimated else ''}"
    old = ""
    if market_time is not None:
        old = f" · {age(told, seconds=(market_time - told).total_seconds())} ago"
    undated = "" if story.published_at else " (undated)"
    return f'<span title="{escape(known)}">{moment(told)}{undated}{old}</span>'


def _source(story: NewsItem) -> str:
    more = ""
    if len(story.outlets) > 1:
        names = escape(", ".join(story.outlets))
        more = f' <span class="cc-outlets" title="{names}">{len(story.outlets)} outlets</span>'
    go = escape(urlencode({"source": story.source, "pages": ""}))
    return f'<button type="button" class="cc-plain" data-go="{go}"><bdi>{escape(story.source)}</bdi></button>{more}'


def _symbols(symbols: Sequence[str]) -> str:
    tags = (
        f'<button type="button" class="cc-mark" data-go="{escape(urlencode({"symbol": name, "pages": ""}))}">'
        f"{escape(name)}</button>"
        for name in symbols
    )
    return "".join(tags)


def _aside(stories: Stories) -> str:
    n = len(stories.items)
    count = f"the newest {n}" if stories.more else f"{n} in all"
    return escape(count)


def _foot(stories: Stories, *, pages: int) -> str:
    if not stories.more:
        return ""
    if pages >= MOST_PAGES:
        said = f"The page shows at most {MOST_PAGES * PAGE_SIZE:,} stories: narrow the list to see older ones."
        return f'<p class="cc-empty">{said}</p>'
    return (
        f'<button type="button" class="cc-button cc-more" id="cc-news-more" data-go="pages={pages + 1}">'
        f"Show {PAGE_SIZE} older stories</button>"
    )


def _nothing(found: FoundNews) -> str:
    if found.wanted.narrowed:
        return empty(TITLE, "No story that is known by now fits all of these filters.", about=found.wanted.about)
    return empty(TITLE, f"No story has been collected yet. {_feeds(found.readiness)}".strip())


def _feeds(readiness: Readiness | CandlecastError) -> str:
    if isinstance(readiness, CandlecastError):
        return ""
    return next((f"News: {check.detail}." for check in readiness.checks if check.name == "news"), "")
