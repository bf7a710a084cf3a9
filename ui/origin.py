"""Where does the newest candle come from? Plain when all is well, else a badge that says what happened."""

from html import escape

from candlecast.schemas import SymbolStatus

_IN_ORDER = frozenset({"stream", "rest"})
_MEANING = {
    "failover": "from another venue than {home}, which did not serve it",
    "late": "got well after its close",
    "repaired": "filled in or replaced afterwards",
}


def detour(status: SymbolStatus | None) -> str | None:
    """Return in words why the newest candle is not as usual, None when it came from its home venue in time."""
    if status is None or status.source is None or status.quality is None:
        return None
    if status.quality in _IN_ORDER and _venue(status.source) == status.venue:
        return None
    meaning = _MEANING.get(status.quality, "from another venue than {home}").format(home=status.venue)
    return f"Newest candle from {status.source}: {meaning}"


def origin_text(status: SymbolStatus | None) -> str:
    """Return source and quality of the newest candle for the head of the chart, empty while unknown."""
    if status is None or status.source is None or status.quality is None:
        return ""
    text, why = escape(f"{status.source} · {status.quality}"), detour(status)
    if why is None:
        return f'<small id="cc-origin">{text}</small>'
    return f'<span class="cc-pill cc-warn" id="cc-origin" title="{escape(why)}">{text}</span>'


def origin_mark(status: SymbolStatus | None) -> str:
    """Return the mark of a symbol in the watchlist, empty where its newest candle is as usual."""
    why = detour(status)
    if status is None or why is None:
        return ""
    word = status.quality if status.quality not in _IN_ORDER else status.source
    return f' <i class="cc-detour" title="{escape(why)}">{escape(word or "")}</i>'


def _venue(source: str) -> str:
    return source.partition(":")[0]
