"""Does the model that serves still fit its world? The checks of readiness, drift first."""

from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import Check, Readiness
from ui import live
from ui.panels import card, failed, filled

_MEANING = {
    "drift": "Drift of the model",
    "model": "Champion",
    "data": "Candles",
    "news": "News feeds",
    "database": "Database",
    "redis": "Redis",
}
_FIRST = ("drift", "model", "data")


def health_panel(readiness: Readiness | CandlecastError) -> str:
    """Return the value of the panel that says how the service and its model hold up."""
    if isinstance(readiness, CandlecastError):
        return failed(readiness, title="Health")
    alarms = sum(not check.ok for check in readiness.checks)
    lines = "".join(_line(check) for check in sorted(readiness.checks, key=_place))
    said = f'<p class="cc-fine">As of {live.moment(readiness.market_time)}, market time.</p>'
    aside = f'<b class="cc-warn">{alarms} alarm{"s" if alarms > 1 else ""}</b>' if alarms else "all well"
    return filled(card("Health", f'<ul class="cc-checks">{lines}</ul>{said}', aside=aside))


def _line(check: Check) -> str:
    kind, word = ("cc-up", "well") if check.ok else ("cc-warn", "alarm")
    name = escape(_MEANING.get(check.name, check.name))
    return (
        f'<li><i class="cc-dot {kind}" role="img" aria-label="{word}"></i><b>{name}</b>'
        f"<span>{escape(check.detail)}</span></li>"
    )


def _place(check: Check) -> tuple[bool, int]:
    return check.ok, _FIRST.index(check.name) if check.name in _FIRST else len(_FIRST)
