"""How good is the data? Age, source and gaps of each symbol, the news feeds, and every check that fails."""

from collections import Counter
from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import FeedState, Readiness, SymbolStatus
from ui.dashboard.facts import DataState
from ui.live import age
from ui.origin import detour, origin_mark
from ui.panels import card, row


def data_card(state: DataState) -> str:
    """Return the panel of the data: whatever is known of it."""
    body = ""
    if not isinstance(state.statuses, CandlecastError):
        body += _sources(state) + _symbols(state)
    if not isinstance(state.readiness, CandlecastError):
        body += _feeds(state.readiness) + _checks(state.readiness)
    return card("Data", body or '<p class="cc-reason">Nothing is known of the data.</p>', aside=_verdict(state))


def _verdict(state: DataState) -> str:
    if isinstance(state.readiness, CandlecastError):
        return '<span class="cc-warn">not known</span>'
    failing = sum(not check.ok for check in state.readiness.checks)
    return f'<span class="cc-warn">{failing} failing</span>' if failing else "all checks pass"


def _sources(state: DataState) -> str:
    assert not isinstance(state.statuses, CandlecastError)
    counts = Counter(status.source or "none yet" for status in state.statuses)
    told = " · ".join(f"{escape(source)} {n}" for source, n in counts.most_common())
    return row("Candles from", told or "no symbol is followed")


def _symbols(state: DataState) -> str:
    assert not isinstance(state.statuses, CandlecastError)
    items = "".join(_symbol(status, state) for status in state.statuses)
    return f'<ul class="cc-ages" data-scroll="ages">{items}</ul>'


def _symbol(status: SymbolStatus, state: DataState) -> str:
    name = escape(status.symbol.partition("/")[0])
    if status.newest_candle is None or status.data_age_s is None:
        return f'<li><span>{name}</span><span class="cc-warn">no candle yet</span></li>'
    gaps = state.gaps.get(status.symbol, 0)
    lacking = f' <i class="cc-detour" title="missing among the newest candles">{gaps} missing</i>' if gaps else ""
    told = escape(detour(status) or f"newest candle from {status.source}, {status.quality}")
    old = age(status.newest_candle, seconds=status.data_age_s)
    return f'<li title="{told}"><span>{name}{origin_mark(status)}{lacking}</span><span class="cc-num">{old}</span></li>'


def _feeds(readiness: Readiness) -> str:
    asked = {name: feed for name, feed in readiness.feeds.items() if feed.state != "skipped"}
    if not asked:
        return row("News feeds", "none is asked")
    well = sum(feed.state in ("ok", "resting") for feed in asked.values())
    lines = row("News feeds", f"{well} of {len(asked)} answer", kind="" if well == len(asked) else "cc-warn")
    return lines + "".join(_failing_feed(name, feed) for name, feed in asked.items() if feed.state == "failing")


def _failing_feed(name: str, feed: FeedState) -> str:
    return f'<p class="cc-reason cc-warn">{escape(name)}: {escape(feed.reason or "does not answer")}</p>'


def _checks(readiness: Readiness) -> str:
    failing = [check for check in readiness.checks if not check.ok]
    return "".join(f'<p class="cc-reason cc-warn">{escape(one.name)}: {escape(one.detail)}</p>' for one in failing)
