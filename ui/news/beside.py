"""What stands beside the stories? What they say of the chosen symbol, who told them, and what a score is."""

from html import escape
from urllib.parse import urlencode

from candlecast.errors import CandlecastError
from candlecast.schemas import NewsSource, SentimentSummary
from ui import words
from ui.news.found import FoundNews
from ui.panels import card, failed, filled, row

_N_SOURCES = 12
_ABOUT = (
    "<p>A score runs from −1 (bearish) to +1 (bullish): the share that the engine gives to positive, less that to "
    "negative. It judges the headline alone, and says nothing where it cannot tell.</p>"
    "<p>Near-duplicates are one story with all its outlets. A time is when the outlet published, or when we first "
    "had it; forecasts count a story from the moment we had it.</p>"
)


def beside_value(found: FoundNews) -> str:
    """Return the value of the panel beside the stories."""
    if isinstance(found.sources, CandlecastError):
        return failed(found.sources, title="Who told them", about="sources")
    parts = [
        _mood(found.summary),
        _sources(found.sources, chosen=found.wanted.source),
        card("About the scores", _ABOUT),
    ]
    return filled(f'<div class="cc-stack">{"".join(parts)}</div>', about="sources")


def _mood(summary: SentimentSummary | CandlecastError | None) -> str:
    if summary is None or isinstance(summary, CandlecastError):
        return ""
    title = f"{summary.symbol}, last {summary.window}"
    if summary.score is None:
        return card(title, f'<p class="cc-empty">Not enough news: {summary.n} scored stories.</p>')
    trend = "not known" if summary.trend is None else words.signed(summary.trend)
    negative = "not known" if summary.negative_share is None else words.share_pct(summary.negative_share, digits=0)
    lines = [
        row("Score, newer weigh more", words.signed(summary.score), kind=_kind(summary.score)),
        row("Stories", str(summary.n)),
        row("Bearish share", negative),
        row("Against the window before", trend),
    ]
    return card(title, "".join(lines))


def _sources(sources: list[NewsSource], *, chosen: str | None) -> str:
    if not sources:
        return card("Who told them", '<p class="cc-empty">No story was told in the last 30 days.</p>')
    most = max(each.n for each in sources)
    lines = "".join(_line(each, most=most, on=each.source == chosen) for each in sources[:_N_SOURCES])
    rest = len(sources) - _N_SOURCES
    more = f'<p class="cc-empty">and {rest} more</p>' if rest > 0 else ""
    return card("Who told them", f'<div class="cc-sources">{lines}</div>{more}', aside="30 days")


def _line(each: NewsSource, *, most: int, on: bool) -> str:
    go = escape(urlencode({"source": "" if on else each.source, "pages": ""}))
    return (
        f'<button type="button" data-go="{go}" aria-pressed="{str(on).lower()}"><bdi>{escape(each.source)}</bdi>'
        f'<u><i style="width:{100 * each.n / most:.0f}%"></i></u><span class="cc-num">{each.n}</span></button>'
    )


def _kind(score: float) -> str:
    return "cc-up" if score > 0 else "cc-down" if score < 0 else ""
