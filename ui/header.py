"""What stands at the top of every page? Menu, search, source badge, refresh, market clock, and the banner."""

import json
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any

from candlecast.errors import CandlecastError
from candlecast.schemas import Readiness, SymbolStatus
from ui.live import age, market_clock
from ui.preferences import Preferences
from ui.site import PageSpec
from ui.standing import Standing

FOOT = (
    '<footer class="cc-foot"><p><b>Not financial advice.</b> Every forecast is stored before its outcome is known; '
    'intervals come from past forecast errors. <a href="track-record">Track record and method</a></p></footer>'
)
LOGO = (
    '<svg viewBox="0 0 18 22" aria-hidden="true"><path d="M5 1v4M5 15v5M13 3v3M13 17v4" stroke="#8fa8f5" '
    'stroke-width="1.6"/><rect x="2" y="5" width="6" height="10" rx="1.6" fill="#35c28f"/><rect x="10" y="6" '
    'width="6" height="11" rx="1.6" fill="none" stroke="#7aa2ff" stroke-width="1.6" stroke-dasharray="2 1.6"/></svg>'
)
_SEARCH = (
    '<input id="cc-search" type="search" list="cc-symbols" placeholder="Symbol" aria-label="Search a symbol" '
    'autocomplete="off" spellcheck="false" maxlength="40"><datalist id="cc-symbols"></datalist>'
)
_REFRESH = (
    '<span class="cc-pill cc-refresh"><span><span class="cc-long">Refresh in </span>'
    "<span data-countdown>…</span></span>"
    '<button type="button" data-pause aria-pressed="false" aria-label="Pause refreshing" title="Pause (p)">'
    '<svg viewBox="0 0 10 10" aria-hidden="true"><path d="M2 1h2v8H2zM6 1h2v8H6z"/></svg></button>'
    '<button type="button" data-retry aria-label="Refresh now" title="Refresh now (r)">'
    '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M10.5 6A4.5 4.5 0 1 1 8.7 2.4V1h1v3.4H6.3v-1h1.9A3.5 3.5 '
    '0 1 0 9.5 6z"/></svg></button></span>'
)


def frame_text(current: PageSpec, pages: Sequence[PageSpec]) -> str:
    """Return the header of a page as HTML that never changes; the page's script fills in badge, age and clock."""
    links = "".join(_link(page, on=page == current) for page in pages)
    return (
        '<a class="cc-skip" href="#cc-page">Skip to content</a>'
        f'<header class="cc-bar" data-hears="{" ".join(current.hears)}">'
        f'<a class="cc-brand" href="./">{LOGO}<span>Candlecast</span></a>'
        f'<nav class="cc-menu" aria-label="Pages">{links}</nav>'
        f'<div class="cc-status">{_SEARCH}<span class="cc-pills">{_badge("Connecting…", kind="cc-warn")}</span>'
        '<span class="cc-pill cc-warn" id="cc-link" hidden>no live prices</span>'
        f"{_REFRESH}"
        '<span class="cc-pill cc-clock" id="cc-clock">…</span></div></header>'
    )


def top_value(
    standing: Standing,
    symbol: str,
    *,
    symbols: Sequence[SymbolStatus] | CandlecastError = (),
    preferences: Preferences | None = None,
) -> str:
    """Return the value of the header: badge, age and clock, symbols to search, and the reader's look."""
    value: dict[str, Any] = {"pills": _pills(standing, symbol)}
    if isinstance(standing.shown, Readiness):
        value["clock"] = market_clock(standing.shown)
    if symbols and not isinstance(symbols, CandlecastError):
        value["symbols"] = [[status.symbol, f"{status.venue} · {status.asset_class}"] for status in symbols]
    if preferences is not None:
        value["look"] = preferences.look()
    return json.dumps(value, separators=(",", ":"))


def look_value(preferences: Preferences) -> str:
    """Return a value of the header that changes nothing but the look."""
    return json.dumps({"look": preferences.look(), "kept": preferences.revision}, separators=(",", ":"))


def banner_text(readiness: Readiness | CandlecastError) -> str:
    """Return what a reader must know before trusting the page, or an empty text."""
    if isinstance(readiness, CandlecastError):
        lines = [f"{readiness} The page keeps what it has and asks again by itself."]
    else:
        lines = [readiness.banner] if readiness.banner else []
        failing = "; ".join(f"{check.name}: {check.detail}" for check in readiness.checks if not check.ok)
        if not readiness.ready:
            lines.append(f"Not ready yet. {failing}".strip())
        elif failing:
            lines.append(f"Works, but: {failing}")
    return "".join(f'<p class="cc-banner" role="status">{escape(line)}</p>' for line in lines)


def _link(page: PageSpec, *, on: bool) -> str:
    current = ' aria-current="page"' if on else ""
    return f'<a href="{page.path or "./"}" data-page="{page.key}"{current}>{escape(page.title)}</a>'


def _pills(standing: Standing, symbol: str) -> str:
    readiness, problem = standing.shown, standing.problem
    if isinstance(readiness, CandlecastError):
        return _badge("No answer", kind="cc-down", problem=problem)
    word = "Live" if readiness.source == "live" else "Recorded"
    known = readiness.sources.get(symbol) or next(iter(readiness.sources.values()), None)
    detour = known is not None and known.quality in ("failover", "late", "repaired")
    text = word if known is None else f"{word} · {known.source}" + (f" · {known.quality}" if detour else "")
    sound = readiness.ready and not detour and problem is None
    badge = _badge(text if problem is None else f"{text} · slow", kind="cc-up" if sound else "cc-warn", problem=problem)
    ages = readiness.data_age_s
    if not ages:
        return badge
    seconds = ages.get(symbol, min(ages.values()))
    since = readiness.market_time - timedelta(seconds=seconds)
    old = f'<span class="cc-long">data</span> {age(since, seconds=seconds)} old'
    return f'{badge}<span class="cc-pill" id="cc-age">{old}</span>'


def _badge(text: str, *, kind: str, problem: CandlecastError | None = None) -> str:
    # as behind a panel that failed, the page asks again soon
    state = "" if problem is None else f' data-state="failed" title="{escape(str(problem))}"'
    return f'<span class="cc-pill" id="cc-source"{state}><i class="cc-dot {kind}"></i>{escape(text)}</span>'
