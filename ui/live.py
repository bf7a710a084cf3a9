"""Which texts keep counting between refreshes? Ages, countdowns, times and the clock, moved on by the page's script."""

from datetime import datetime

from candlecast.schemas import Readiness
from ui import words


def age(since: datetime, *, seconds: float) -> str:
    """Return the age of `since` in market time, `seconds` when the page was made."""
    return f'<span data-since-ms="{_ms(since)}">{words.wait(seconds)}</span>'


def countdown(until: datetime) -> str:
    """Return the market time left until `until`; the page's script fills it in."""
    return f'<span data-until-ms="{_ms(until)}">…</span>'


def moment(when: datetime) -> str:
    """Return a time that the page's script writes in the reader's time zone."""
    return f'<time class="cc-time" datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{words.moment(when)}</time>'


def market_clock(readiness: Readiness) -> str:
    """Return the market time, from which the page's script learns how fast the market runs."""
    return (
        f'<span data-market-ms="{_ms(readiness.market_time)}" data-live="{str(readiness.source == "live").lower()}">'
        f"{readiness.market_time:%Y-%m-%d %H:%M:%S} UTC</span>"
    )


def _ms(when: datetime) -> int:
    return round(when.timestamp() * 1_000)
