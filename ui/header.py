"""What stands at the top of the page? The badge of the data source, its age, the market clock and the banner."""

from datetime import datetime
from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import Readiness
from ui.live import age, market_clock

_LOGO = (
    '<svg viewBox="0 0 18 22" aria-hidden="true"><path d="M5 1v4M5 15v5M13 3v3M13 17v4" stroke="#9fb6ff" '
    'stroke-width="1.6"/><rect x="2" y="5" width="6" height="10" rx="1.6" fill="#35c28f"/><rect x="10" y="6" '
    'width="6" height="11" rx="1.6" fill="none" stroke="#7aa2ff" stroke-width="1.6" stroke-dasharray="2 1.6"/></svg>'
)


def header_text(readiness: Readiness | CandlecastError | None, *, newest_candle: datetime | None) -> str:
    """Return the top bar; `readiness` None means that nothing has been asked yet."""
    return f'<div class="cc-bar"><div class="cc-brand">{_LOGO}Candlecast</div>{_pills(readiness, newest_candle)}</div>'


def banner_text(readiness: Readiness | CandlecastError, *, notice: str | None) -> str:
    """Return what a reader must know before trusting the page, or an empty text."""
    lines = [] if notice is None else [notice]
    if isinstance(readiness, CandlecastError):
        lines.append(str(readiness))
    else:
        lines += [readiness.banner] if readiness.banner else []
        if not readiness.ready:
            failing = "; ".join(f"{check.name}: {check.detail}" for check in readiness.checks if not check.ok)
            lines.append(f"Not ready yet. {failing}".strip())
    return "".join(f'<p class="cc-banner" role="status">{escape(line)}</p>' for line in lines)


def _pills(readiness: Readiness | CandlecastError | None, newest_candle: datetime | None) -> str:
    if readiness is None:
        return _pill("Connecting…", kind="cc-warn")
    if isinstance(readiness, CandlecastError):
        return _pill("No answer", kind="cc-down") + _stale_age(newest_candle)
    kind = "cc-up" if readiness.ready else "cc-warn"
    badge = _pill("Live" if readiness.source == "live" else "Recorded", kind=kind)
    old = ""
    if newest_candle is not None:
        seconds = (readiness.market_time - newest_candle).total_seconds()
        old = f'<span class="cc-pill" id="cc-age">data {age(newest_candle, seconds=seconds)} old</span>'
    return f'{badge}{old}<span class="cc-pill" id="cc-clock">{market_clock(readiness)}</span>'


def _stale_age(newest_candle: datetime | None) -> str:
    if newest_candle is None:
        return ""
    return f'<span class="cc-pill cc-warn" id="cc-age">data {age(newest_candle, seconds=0)} old</span>'


def _pill(text: str, *, kind: str) -> str:
    return f'<span class="cc-pill" id="cc-source"><i class="cc-dot {kind}"></i>{escape(text)}</span>'
