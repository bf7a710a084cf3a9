"""What can the list of stories be narrowed by? A bar of plain fields that write into the page's address."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from candlecast.errors import CandlecastError
from ui.news.found import FoundNews
from ui.news.wanted import NARROWING, WantedNews

_LABELS = (("", "All"), ("positive", "Bullish"), ("neutral", "Neutral"), ("negative", "Bearish"))


def filters_text(found: FoundNews) -> str:
    """Return the bar, with the fields of the address filled in."""
    wanted = found.wanted
    symbols = [] if isinstance(found.symbols, CandlecastError) else [status.symbol for status in found.symbols]
    sources = [] if isinstance(found.sources, CandlecastError) else [each.source for each in found.sources]
    return (
        '<div class="cc-filters" role="search" aria-label="Filter the stories">'
        f"{_select('symbol', 'Symbol', symbols, chosen=wanted.symbol)}"
        f"{_select('source', 'Source', sources, chosen=wanted.source)}"
        f"{_labels(wanted)}{_bounds(wanted)}{_text(wanted)}{_buttons(wanted)}</div>"
    )


def _select(name: str, label: str, options: Iterable[str], *, chosen: str | None) -> str:
    # a source or symbol that is not listed any more is still what the list is narrowed by
    names = list(dict.fromkeys([*options, *([chosen] if chosen else [])]))
    lines = "".join(
        f'<option value="{escape(each)}"{" selected" if each == chosen else ""}>{escape(each)}</option>'
        for each in names
    )
    return (
        f'<label class="cc-pick"><span>{label}</span>'
        f'<select id="cc-news-{name}" data-go-name="{name}"><option value="">Any</option>{lines}</select></label>'
    )


def _labels(wanted: WantedNews) -> str:
    buttons = "".join(
        f'<button type="button" class="cc-button" data-go="label={value}&amp;pages=" '
        f'aria-pressed="{str((wanted.label or "") == value).lower()}">{said}</button>'
        for value, said in _LABELS
    )
    return (
        f'<div class="cc-pick" role="group" aria-label="Sentiment"><span>Sentiment</span><div class="cc-picks">'
        f"{buttons}</div></div>"
    )


def _bounds(wanted: WantedNews) -> str:
    return (
        '<div class="cc-pick" role="group" aria-label="Score"><span>Score from – to</span><div class="cc-picks">'
        f"{_bound('min', 'Lowest score', wanted.min_score, hint='−1')}"
        f"{_bound('max', 'Highest score', wanted.max_score, hint='+1')}</div></div>"
    )


def _bound(name: str, label: str, value: float | None, *, hint: str) -> str:
    shown = "" if value is None else f"{value:g}"
    return (
        f'<input id="cc-news-{name}" type="number" min="-1" max="1" step="0.1" data-go-name="{name}" '
        f'aria-label="{label}" placeholder="{hint}" value="{shown}">'
    )


def _text(wanted: WantedNews) -> str:
    return (
        '<label class="cc-pick cc-pick-wide"><span>Words of the title</span>'
        '<input id="cc-news-text" type="search" maxlength="100" data-go-name="text" placeholder="e.g. etf inflow" '
        f'value="{escape(wanted.text or "")}"></label>'
    )


def _buttons(wanted: WantedNews) -> str:
    clear = ""
    if wanted.narrowed:
        fields = urlencode(dict.fromkeys((*NARROWING, "pages"), ""))
        clear = f'<button type="button" class="cc-button" id="cc-news-clear" data-go="{escape(fields)}">Clear</button>'
    address = escape(f"exports/news.csv?{wanted.query()}".rstrip("?"))
    return (
        f'<div class="cc-picks">{clear}'
        f'<a class="cc-button" id="cc-news-csv" href="{address}" download>CSV of these stories</a></div>'
    )
