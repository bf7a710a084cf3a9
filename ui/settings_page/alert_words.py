"""What do alert rules and their messages say? As panels of HTML, and a rule read from the form."""

from html import escape

from pydantic import ValidationError

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.schemas import Alert, AlertDelivery, AlertDeliveryPage, AlertList, NewAlert
from ui import live, words
from ui.panels import card, empty, failed, filled

METRICS = {
    "price": "Price",
    "move_pct": "Move, %",
    "p_up": "P(up), 0 to 1",
    "sentiment": "Sentiment, −1 to +1",
    "coverage": "80 % interval held, 0 to 1",
    "data_age_s": "Age of the data, s",
}
SIDES = [("rises above", "above"), ("falls below", "below")]
WINDOWS = ("1h", "4h", "24h", "3d", "7d", "30d")

_STATES = {
    "pending": ("waits", "cc-warn"),
    "sent": ("sent", "cc-up"),
    "failed": ("failed", "cc-down"),
    "limited": ("not sent: the channel had its share of this hour", "cc-warn"),
    "expired": ("not sent: it waited too long", "cc-warn"),
    "shown": ("shown here", "cc-up"),
}


def rules_panel(alerts: AlertList | CandlecastError, *, asked_id: int | None, said: str = "") -> str:
    """Return the value of the panel of all rules.

    Parameters
    ----------
    alerts : AlertList or CandlecastError
        The rules, or why they are not known.
    asked_id : int or None
        Rule whose deletion the reader is asked about.
    said : str
        HTML about what was just done.
    """
    if isinstance(alerts, CandlecastError):
        return failed(alerts, title="Alert rules")
    if not alerts.items:
        return filled(card("Alert rules", f'{said}<p class="cc-empty">No rule is kept yet. Make one beside.</p>'))
    lines = "".join(_rule(alert, asked=alert.id == asked_id) for alert in alerts.items)
    return filled(card("Alert rules", f'{said}<ul class="cc-rules">{lines}</ul>', aside=str(len(alerts.items))))


def deliveries_panel(page: AlertDeliveryPage | CandlecastError) -> str:
    """Return the value of the panel of what was told."""
    if isinstance(page, CandlecastError):
        return failed(page, title="What was told")
    if not page.items:
        return empty("What was told", "No rule has fired yet.")
    lines = "".join(_delivery(item) for item in page.items)
    more = "" if page.next_cursor is None else '<p class="cc-fine">Older ones: /v1/alerts/deliveries.</p>'
    return filled(card("What was told", f'<ul class="cc-rules">{lines}</ul>{more}', aside="newest first"))


def read_rule(**fields: object) -> NewAlert | InvalidRequestError:
    """Return the rule that the form asks for, or what is wrong with it."""
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    try:
        return NewAlert.model_validate(given)
    except ValidationError as error:
        found = error.errors()[0]
        name = ".".join(str(part) for part in found["loc"])
        if found["type"] == "missing":
            return InvalidRequestError(f"{name} of the alert is missing; fill it in")
        return InvalidRequestError(f"{name} cannot be {str(found['input'])[:40]!r}: {found['msg'].lower()}")


def rule_words(alert: Alert) -> str:
    """Return a rule as text."""
    of = {
        "move_pct": f" in {alert.window}",
        "sentiment": f" of {alert.window}",
        "p_up": f" {alert.horizon} × {alert.timeframe} ahead",
        "coverage": f" {alert.horizon} × {alert.timeframe} ahead",
    }.get(alert.metric, "")
    name = METRICS[alert.metric].partition(",")[0]
    side = "above" if alert.side == "above" else "below"
    return f"{alert.symbol}: {name}{of} {side} {number_words(alert.metric, alert.threshold)}"


def number_words(metric: str, value: float) -> str:
    """Return a figure of an alert as text."""
    if metric == "price":
        return words.price(value)
    if metric == "move_pct":
        return f"{words.signed(value)} %"
    if metric == "data_age_s":
        return words.wait(value)
    return words.signed(value) if metric == "sentiment" else f"{value:.3g}"


def problem_text(error: CandlecastError) -> str:
    """Return why something was not done, as HTML."""
    return f'<div class="cc-error" role="alert"><b>{escape(error.title)}</b><p>{escape(str(error))}</p></div>'


def _rule(alert: Alert, *, asked: bool) -> str:
    state = "waits" if alert.armed else "told, and has not come back yet"
    fired = f" · last {live.moment(alert.last_fired_at)}" if alert.last_fired_at else ""
    to = escape(", ".join(alert.channels)) or "this page"
    name = f"<b>{escape(alert.name)}</b> " if alert.name else ""
    return (
        f"<li><span>{name}{escape(rule_words(alert))}<small>{escape(state)}{fired} · to {to}</small></span>"
        f"{_buttons(alert, asked=asked)}</li>"
    )


def _buttons(alert: Alert, *, asked: bool) -> str:
    said = escape(rule_words(alert))
    if not asked:
        return (
            f'<span class="cc-buttons"><button type="button" class="cc-button" data-ask="delete:{alert.id}" '
            f'aria-label="Delete {said}">delete…</button></span>'
        )
    return (
        f'<span class="cc-buttons"><button type="button" class="cc-button cc-strong" data-ask="delete!:{alert.id}" '
        f'aria-label="Yes, delete {said}">yes, delete</button>'
        '<button type="button" class="cc-button" data-ask="keep">keep</button></span>'
    )


def _delivery(item: AlertDelivery) -> str:
    word, kind = _STATES[item.state]
    to = f" to {escape(item.channel)}" if item.channel else ""
    why = f": {escape(item.reason)}" if item.reason else ""
    return (
        f"<li><span>{escape(item.message)}<small>{live.moment(item.fired_at)} · "
        f'<b class="{kind}">{word}</b>{to}{why}</small></span></li>'
    )
