"""When does a rule fire, and what is said then? Pure: figures in, decisions and words out."""

from datetime import datetime
from typing import Literal

from candlecast.errors import InvalidRequestError
from candlecast.schemas import Alert, AlertMetric, NewAlert
from candlecast.storage.postgres.alerts import Firing

Decision = Literal["fire", "rearm", "stay"]

_RANGES: dict[AlertMetric, tuple[float, float]] = {
    "price": (0.0, 1e12),
    "move_pct": (-100.0, 1e6),
    "p_up": (0.0, 1.0),
    "sentiment": (-1.0, 1.0),
    "coverage": (0.0, 1.0),
    "data_age_s": (0.0, 1e9),
}
_HYSTERESIS: dict[AlertMetric, float] = {
    "move_pct": 0.25,
    "p_up": 0.01,
    "sentiment": 0.05,
    "coverage": 0.01,
    "data_age_s": 0.0,
}
_PRICE_HYSTERESIS_SHARE = 0.001


def check(rule: NewAlert) -> None:
    """Refuse a threshold that its figure can never cross, and a hysteresis that it can never come back by.

    Raises
    ------
    InvalidRequestError
        When either lies at or beyond the limits of the figure.
    """
    low, high = _RANGES[rule.metric]
    if not low < rule.threshold < high:
        raise InvalidRequestError(
            f"threshold of {rule.metric} must lie between {low:g} and {high:g}, was {rule.threshold:g}"
        )
    if rule.hysteresis is not None and rule.hysteresis >= _room(rule):
        raise InvalidRequestError(
            f"hysteresis of {rule.metric} {rule.side} {rule.threshold:g} must be below {_room(rule):g}, was "
            f"{rule.hysteresis:g}: the figure could never come back"
        )


def hysteresis_of(rule: NewAlert) -> float:
    """Return how far a figure must come back before it is told again: as asked for, else by metric.

    What goes by metric is at most half of the way to the limit of the figure, so that it can come back.
    """
    if rule.hysteresis is not None:
        return rule.hysteresis
    if rule.metric == "price":
        return _PRICE_HYSTERESIS_SHARE * rule.threshold
    return min(_HYSTERESIS[rule.metric], 0.5 * _room(rule))


def decide(alert: Alert, value: float) -> Decision:
    """Return what a figure means for a rule.

    An armed rule fires when the figure is beyond its threshold. After that it stays silent until the
    figure is back at the threshold less the hysteresis, which arms it again.

    Parameters
    ----------
    alert : Alert
        The rule as it stands.
    value : float
        Finite; a figure that is not known decides nothing, so do not ask.
    """
    beyond = value - alert.threshold if alert.side == "above" else alert.threshold - value
    if alert.armed:
        return "fire" if beyond > 0.0 else "stay"
    return "rearm" if beyond <= -alert.hysteresis else "stay"


def firing(alert: Alert, value: float, *, at: datetime, note: str = "") -> Firing:
    """Return what is recorded and said when a rule fires.

    Parameters
    ----------
    alert : Alert
        The rule.
    value : float
        The figure that crossed its threshold.
    at : datetime
        Market time, aware UTC.
    note : str
        What else readers must know, as that the data is recorded.
    """
    limit = f"{alert.side} {_number(alert.metric, alert.threshold)}"
    title = f"{alert.symbol}: {_label(alert)} {limit}"
    head = f"{alert.name}: " if alert.name else ""
    tail = f" ({note})" if note else ""
    message = (
        f"{head}{alert.symbol} {_label(alert)} is {_number(alert.metric, value)}, {limit}, "
        f"at {at:%Y-%m-%d %H:%M:%S} UTC{tail}"
    )
    return Firing(alert=alert, value=value, at=at, title=title, message=message)


def _room(rule: NewAlert) -> float:
    low, high = _RANGES[rule.metric]
    return rule.threshold - low if rule.side == "above" else high - rule.threshold


def _label(alert: Alert) -> str:
    return {
        "price": "price",
        "move_pct": f"move in {alert.window}",
        "p_up": f"P(up) {alert.timeframe}, {alert.horizon} ahead,",
        "sentiment": f"sentiment of {alert.window}",
        "coverage": f"coverage of the 80 % interval, {alert.timeframe}, {alert.horizon} ahead,",
        "data_age_s": "data age",
    }[alert.metric]


def _number(metric: AlertMetric, value: float) -> str:
    forms = {"price": ",.8g", "move_pct": "+.2f", "sentiment": "+.2f", "data_age_s": ",.0f"}
    unit = {"move_pct": " %", "data_age_s": " s"}.get(metric, "")
    return f"{value:{forms.get(metric, '.3f')}}{unit}"
