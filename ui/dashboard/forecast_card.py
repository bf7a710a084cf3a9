"""What is expected? The prediction panel: the forecast with all its terms, or why there is none."""

from collections.abc import Sequence
from html import escape

from candlecast.schemas import Forecast, Interval
from ui import words
from ui.dashboard.edge import expected_edge
from ui.live import age, countdown, moment
from ui.panels import card, row

LEVELS_SHOWN = (0.5, 0.8, 0.95)
_WORD = {"up": "Up", "down": "Down", "abstain": "No call"}
_ADVICE = '<p class="cc-small">Not financial advice.</p>'


def forecast_card(forecast: Forecast, *, cost_bps: float | None) -> str:
    """Return the prediction panel.

    Parameters
    ----------
    forecast : Forecast
        What is shown.
    cost_bps : float or None
        Of buying or selling one unit; None where it is not known.
    """
    expected = forecast.expected_log_return
    rows = [
        row("P(up), calibrated", words.share_pct(forecast.p_up)),
        row("Expected move", words.move_pct(expected), kind=sign_class(round(expected, 4))),
        *(row(f"{100 * level:.0f} % interval", _interval(forecast.intervals, level)) for level in LEVELS_SHOWN),
        _edge_row(forecast, cost_bps),
        row("80 % interval held lately", _coverage(forecast.model.coverage_recent)),
        row("Horizon ends", moment(forecast.target_time)),
        row("Model", _model(forecast)),
        row("Trained", _trained(forecast)),
        row("Data as of", _data(forecast), kind="cc-warn" if forecast.data.stale else ""),
    ]
    title = words.horizon_words(forecast.timeframe, forecast.horizon)
    body = _call(forecast) + _overdue(forecast) + "".join(rows) + _ADVICE
    return card(title, body, aside=f"closes {countdown(forecast.target_time)}")


def sign_class(value: float) -> str:
    """Return the class that colours a number by its sign."""
    return "cc-up" if value > 0 else "cc-down" if value < 0 else ""


def _call(forecast: Forecast) -> str:
    said = _WORD[forecast.direction]
    if forecast.direction == "abstain":
        reason = escape(forecast.abstain_reason or "the model sees no edge")
        return f'<p class="cc-call"><b>{said}</b></p><p class="cc-reason">{reason}</p>'
    share = 1 - forecast.p_up if forecast.direction == "down" else forecast.p_up
    kind = f"cc-{forecast.direction}"
    return f'<p class="cc-call"><b class="{kind}">{said} {words.share_pct(share)}</b> <span>calibrated</span></p>'


def _overdue(forecast: Forecast) -> str:
    if not forecast.data.stale:
        return ""
    return '<p class="cc-reason cc-warn">Its horizon has ended and no newer candle is known; wait for the next one.</p>'


def _interval(intervals: Sequence[Interval], level: float) -> str:
    found = [interval for interval in intervals if abs(interval.level - level) < 1e-6]
    return f"{words.price(found[0].low)} – {words.price(found[0].high)}" if found else "not given"


def _edge_row(forecast: Forecast, cost_bps: float | None) -> str:
    edge = expected_edge(forecast, cost_bps=cost_bps or 0.0)
    if edge is None:
        return row("Edge after costs", "no call, no trade")
    if cost_bps is None:
        return row("Edge before costs", f"{words.signed(edge.gross_bps, digits=1)} bp · costs not known")
    verdict, kind = ("tradeable", "cc-up") if edge.tradeable else ("not tradeable", "cc-warn")
    told = f"{words.signed(edge.gross_bps, digits=1)} bp expected, {edge.cost_bps:.1f} bp to enter and leave"
    value = f'<span title="{told}">{words.signed(edge.net_bps, digits=1)} bp · {verdict}</span>'
    return row("Edge after costs", value, kind=kind)


def _model(forecast: Forecast) -> str:
    model = forecast.model
    return f'<span title="{escape(model.id)}">{escape(model.algorithm)} · {escape(short_id(model.id))}</span>'


def _trained(forecast: Forecast) -> str:
    trained_at = forecast.model.trained_at
    old_s = (forecast.as_of - trained_at).total_seconds() + forecast.data.age_s
    return f"{moment(trained_at)}<small>{age(trained_at, seconds=old_s)} ago</small>"


def _data(forecast: Forecast) -> str:
    return f"{moment(forecast.as_of)}<small>{age(forecast.as_of, seconds=forecast.data.age_s)} old</small>"


def short_id(model_id: str) -> str:
    """Return the end of a model's id, which tells it from others of its timeframe and horizon."""
    return model_id.rsplit("-", 1)[-1][:8]


def _coverage(share: float | None) -> str:
    return "not known yet" if share is None else words.share_pct(share)
