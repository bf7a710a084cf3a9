"""Which stories made the mood? Those that count most in the score, with how much each moved it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlsplit

from candlecast.schemas import NewsItem, SentimentSummary
from ui import words
from ui.dashboard.facts import News
from ui.live import age
from ui.panels import card

TITLE = "What moved the score"
N_SHOWN = 3
# as the API adds stories up: of two, the one half a window older weighs a quarter
_HALVINGS = 4
_UNITS_S = {"h": 3_600, "d": 86_400}
_NEUTRAL_BELOW = 0.1


@dataclass(frozen=True, slots=True)
class Weighed:
    """A story, its score, and how much of the sentiment is its doing."""

    story: NewsItem
    score: float
    moved: float


def weigh(news: News) -> list[Weighed]:
    """Return the scored stories of the window, those that moved the score most first; what they moved adds up to it."""
    summary, window_s = news.summary, window_seconds(news.summary.window)
    since = summary.as_of - timedelta(seconds=window_s)
    scored = [
        (story, story.sentiment.score)
        for story in news.stories
        if story.sentiment is not None and story.sentiment.score is not None
        if story.known_at <= summary.as_of and told_at(story) > since
    ]
    weights = [2.0 ** (-_HALVINGS * _age_s(story, summary) / window_s) for story, _ in scored]
    total = sum(weights) or 1.0
    found = [
        Weighed(story, score, weight * score / total) for (story, score), weight in zip(scored, weights, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.moved))


def headlines_card(news: News) -> str:
    """Return the panel of the headlines that moved the score, or why there is none."""
    found, summary = weigh(news), news.summary
    if not found:
        n = f"{summary.n} stories of {summary.symbol} are known" if summary.n else f"No story of {summary.symbol}"
        reason = f"{n} in the last {summary.window}, none with a score." if summary.n else f"{n} in {summary.window}."
        return card(TITLE, f'<p class="cc-reason">{escape(reason)}</p>')
    n_sources = len({one.story.source for one in found})
    aside = f"{summary.window} · {_n(len(found), 'article')} · {_n(n_sources, 'source')}"
    lines = "".join(_headline(one, summary) for one in found[:N_SHOWN])
    return card(TITLE, f'<div class="cc-headlines">{lines}</div>', aside=escape(aside))


def window_seconds(window: str) -> int:
    """Return the length of a window as the API writes it, as ``24h`` or ``7d``."""
    return int(window[:-1]) * _UNITS_S[window[-1]]


def told_at(story: NewsItem) -> datetime:
    """Return when a story was told; when it was known where that is not dated or later."""
    return min(story.published_at or story.known_at, story.known_at)


def chip(score: float) -> str:
    """Return a score as a small coloured label."""
    kind = "" if abs(score) < _NEUTRAL_BELOW else "cc-up" if score > 0 else "cc-down"
    return f'<span class="cc-chip {kind}">{words.signed(score)}</span>'


def link(story: NewsItem) -> str:
    """Return the title of a story, as a link where its address is one of the web; both are never markup."""
    title = f"<bdi>{escape(story.title)}</bdi>"
    try:
        of_the_web = urlsplit(story.url).scheme in ("http", "https")
    except ValueError:
        of_the_web = False
    if not of_the_web:
        return f"<span>{title}</span>"
    return f'<a class="cc-headline" href="{escape(story.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'


def _headline(one: Weighed, summary: SentimentSummary) -> str:
    story = one.story
    others = len(story.outlets) - 1
    more = f" · {_n(others + 1, 'outlet')}" if others > 0 else ""
    old = age(told_at(story), seconds=_age_s(story, summary))
    moved = f'<span title="its part of the score">moved it by {words.signed(one.moved)}</span>'
    return (
        f"<article><p>{chip(one.score)} <small>{old} · <bdi>{escape(story.source)}</bdi>{more} · {moved}</small></p>"
        f"<p>{link(story)}</p></article>"
    )


def _age_s(story: NewsItem, summary: SentimentSummary) -> float:
    return (summary.as_of - told_at(story)).total_seconds()


def _n(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
