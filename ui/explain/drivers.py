"""Which pushes make up a forecast? Its drivers in words, and all else, adding up to its log odds."""

import math
from dataclasses import dataclass

from candlecast.schemas import Driver, Forecast
from ui.explain.saying import Span
from ui.explain.sayings import TIME_OF_DAY, saying_of


@dataclass(frozen=True, slots=True)
class Push:
    """One line of an explanation.

    Parameters
    ----------
    text : str
        Plain words.
    log_odds : float
        What it adds to the log odds of up, rounded to two digits.
    detail : str
        The features behind it and their values, for who wants to know.
    """

    text: str
    log_odds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What makes up a forecast; base, drivers and rest sum to the total, as they are rounded.

    Parameters
    ----------
    base : Push or None
        What the model says before it looks at anything; None where it is not known and part of the rest.
    drivers : tuple of Push
        The strongest features, the strongest first; those with the same words are one.
    rest : Push
        Everything else.
    total : float
        Log odds of P(up), rounded to two digits.
    """

    base: Push | None
    drivers: tuple[Push, ...]
    rest: Push
    total: float


def explain(forecast: Forecast) -> Explanation:
    """Return what makes up the P(up) of a forecast, in plain words."""
    lines: dict[str, list[Driver]] = {}
    for driver in forecast.drivers:
        lines.setdefault(driver_text(driver, forecast), []).append(driver)
    pushes = [_push(text, some) for text, some in lines.items()]
    pushes.sort(key=lambda push: -abs(push.log_odds))
    total = round(_log_odds(forecast.p_up), 2)
    told = forecast.model.base_log_odds
    base = None if told is None else Push("Starting point of the model", round(told, 2))
    rest = total - sum(push.log_odds for push in (*pushes, *([base] if base else [])))
    text = "Everything else" if base else "Starting point and everything else"
    return Explanation(base, tuple(pushes), Push(text, round(rest, 2)), total)


def driver_text(driver: Driver, forecast: Forecast) -> str:
    """Return one driver in words; a feature of another version of the table by its own name."""
    saying = saying_of(driver.feature)
    if saying is None:
        return driver.feature.replace("_", " ")
    if driver.value is None:
        return f"{saying.name}: not known"
    text = saying.say(driver.value, Span(forecast.timeframe))
    return f"{text} ({forecast.as_of:%H:%M} UTC)" if text == TIME_OF_DAY else text


def _push(text: str, drivers: list[Driver]) -> Push:
    told = ", ".join(f"{one.feature} {'missing' if one.value is None else f'{one.value:.4g}'}" for one in drivers)
    return Push(text, round(sum(one.contribution for one in drivers), 2), told)


def _log_odds(p_up: float) -> float:
    # an API that is never certain sends neither 0 nor 1; their log odds would not be finite
    kept = min(max(p_up, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))
