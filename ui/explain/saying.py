"""How is one feature put into words? Spans of candles, moves, shares and levels as short phrases."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ui import words

Say = Callable[[float, "Span"], str]

_UNITS = {"1m": "minutes", "1h": "hours", "1d": "days"}
# in usual moves
_STILL, _SMALL, _LARGE = 0.05, 0.5, 1.5


@dataclass(frozen=True, slots=True)
class Span:
    """The timeframe of a forecast, in which its features count."""

    timeframe: str

    def of(self, n_candles: int) -> str:
        """Return a number of candles in words, as "24 hours" or "24 × 4h"."""
        unit = _UNITS.get(self.timeframe)
        if unit is None:
            return f"{n_candles} × {self.timeframe}"
        return f"{n_candles} {unit}" if n_candles > 1 else unit.removesuffix("s")

    def over(self, n_candles: int) -> str:
        """Return when something happened, as "in the last hour" or "over 24 hours"."""
        return f"in the last {self.of(1)}" if n_candles == 1 else f"over {self.of(n_candles)}"


@dataclass(frozen=True, slots=True)
class Saying:
    """One feature: what it is called while its value is unknown, and what a value of it says."""

    name: str
    say: Say


def move(name: str, when: Callable[[Span], str], *, who: str = "") -> Saying:
    """Return the words of a move counted in usual moves: who rose or fell, how far, and when."""

    def say(value: float, span: Span) -> str:
        verb = "stood still" if abs(value) < _STILL else "rose" if value > 0 else "fell"
        size = " a little" if _STILL <= abs(value) < _SMALL else " sharply" if abs(value) >= _LARGE else ""
        text = f"{who} {verb}{size} {when(span)}".strip()
        return f"{text[0].upper()}{text[1:]}"

    return Saying(name, say)


def level(name: str, bounds: tuple[float, float, float, float]) -> Saying:
    """Return the words of an oscillator: its value, and where that lies among four rising bounds."""

    def say(value: float, _: Span) -> str:
        place = sum(value > bound for bound in bounds)
        return f"{name} {_whole(value)}, {('very low', 'low', 'middling', 'high', 'very high')[place]}"

    return Saying(name, say)


def sides(name: str, above: str, below: str, *, digits: int = 2, unit: str = "", scale: float = 1.0) -> Saying:
    """Return the words of a number whose sign matters, with the number behind them."""

    def say(value: float, _: Span) -> str:
        return f"{above if value > 0 else below} ({words.signed(scale * value, digits=digits)}{unit})"

    return Saying(name, say)


def usual(name: str, whose: str, than: str = "usual") -> Saying:
    """Return the words of a log ratio to what is usual, as "Volume 35 % below usual"."""

    def say(value: float, _: Span) -> str:
        ratio = math.exp(value)
        if ratio >= 2:
            return f"{whose} {ratio:.1f} times {than}"
        change_pct = round(100 * (ratio - 1))
        return f"{whose} {abs(change_pct)} % {'above' if change_pct > 0 else 'below'} {than}"

    return Saying(name, say)


def _whole(value: float) -> str:
    return words.signed(value, digits=0) if value < 0 else f"{value:.0f}"
