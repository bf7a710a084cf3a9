"""Why this forecast? The strongest drivers in plain words, adding up to its log odds."""

from html import escape

from candlecast.schemas import Forecast
from ui import words
from ui.explain.drivers import Push, explain
from ui.panels import card


def why_card(forecast: Forecast) -> str:
    """Return the panel of what makes up the P(up) of a forecast."""
    found = explain(forecast)
    scale = max((abs(push.log_odds) for push in found.drivers), default=0.0) or 1.0
    lines = "".join(_line(push, scale=scale) for push in found.drivers)
    rest = "".join(_line(push, scale=scale, dim=True) for push in (found.base, found.rest) if push is not None)
    total = (
        f'<div class="cc-sum"><span>Log odds of up, P(up) {words.share_pct(forecast.p_up)}</span>'
        f'<span class="cc-num">{words.signed(found.total)}</span></div>'
    )
    return card("Why", (lines or "<p>No single feature stands out.</p>") + rest + total, aside="log odds")


def _line(push: Push, *, scale: float, dim: bool = False) -> str:
    kind = "cc-up" if push.log_odds >= 0 else "cc-down"
    width_pct = min(100.0, 100 * abs(push.log_odds) / scale)
    return (
        f'<div class="cc-driver{" cc-rest" if dim else ""}" title="{escape(push.detail)}">'
        f'<span>{escape(push.text)}</span><u class="{kind}"><i style="width:{width_pct:.0f}%"></i></u>'
        f'<span class="cc-num">{words.signed(push.log_odds)}</span></div>'
    )
