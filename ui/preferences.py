"""What does a reader prefer? Read with bounds from whatever the browser or the API kept."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from ui.palettes import DEFAULT_PALETTE, PALETTES, Palette

__all__ = ["PALETTES", "Palette", "Preferences", "Theme"]

Theme = Literal["system", "light", "dark"]

SHORTEST_REFRESH_S, LONGEST_REFRESH_S = 10, 3_600
_MOST_WORDS, _LONGEST_WORD = 200, 40
# what the API takes as an id
_SESSION = re.compile(r"([A-Za-z0-9_-]{22,64})?")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one reader prefers.

    Parameters
    ----------
    session : str
        Id under which the API keeps them; "": nothing was kept yet.
    revision : int
        Grows with every change: of two versions the higher one is the newer.
    watchlist : tuple of str
        Symbols in the reader's order; empty: all that are tracked.
    timeframe : str
        Shown where the address names none; "": the followed one.
    indicators : tuple of str
        Panes and lines of the chart where the address names none.
    refresh_s : int
        Wall seconds between two refreshes of the page.
    time_zone : str
        IANA name; "": the browser's own.
    colours : str
        A name of `PALETTES`.
    theme : str
        ``system``, ``light`` or ``dark``.
    """

    session: str = ""
    revision: int = 0
    watchlist: tuple[str, ...] = ()
    timeframe: str = ""
    indicators: tuple[str, ...] = ("vol", "bb", "rsi", "macd")
    refresh_s: int = 300
    time_zone: str = "UTC"
    colours: str = DEFAULT_PALETTE
    theme: Theme = "system"

    @classmethod
    def read(cls, kept: object, *, default: "Preferences | None" = None) -> "Preferences":
        """Return what was kept; a field that is missing or makes no sense is that of `default`."""
        start = default or cls()
        if not isinstance(kept, Mapping):
            return start
        found = {name: check(kept[name]) for name, check in _CHECKS.items() if name in kept}
        return replace(start, **{name: value for name, value in found.items() if value is not None})

    def with_(self, **changes: Any) -> "Preferences":
        """Return these preferences with some fields changed, each checked like a kept one."""
        return Preferences.read(asdict(self) | changes, default=self)

    def as_dict(self) -> dict[str, Any]:
        """Return them as plain JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def palette(self) -> Palette:
        """The candle colours."""
        return PALETTES[self.colours]

    def look(self) -> dict[str, Any]:
        """Return what the page's script needs to know before it asks: how it looks, and all that was chosen."""
        palette = self.palette
        colours = {"up": palette.up, "down": palette.down, "upLight": palette.up_light, "downLight": palette.down_light}
        return {
            "theme": self.theme,
            "colours": colours,
            "timeZone": self.time_zone,
            "refreshS": self.refresh_s,
            "revision": self.revision,
            "kept": self.as_dict(),
        }


def _text(value: object, *, longest: int = _LONGEST_WORD) -> str | None:
    return value if isinstance(value, str) and len(value) <= longest else None


def _words(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple) or len(value) > _MOST_WORDS:
        return None
    words = [word for word in value if isinstance(word, str) and 0 < len(word) <= _LONGEST_WORD]
    return tuple(dict.fromkeys(words)) if len(words) == len(value) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _refresh_s(value: object) -> int | None:
    seconds = _count(value)
    return seconds if seconds is not None and SHORTEST_REFRESH_S <= seconds <= LONGEST_REFRESH_S else None


def _session(value: object) -> str | None:
    return value if isinstance(value, str) and _SESSION.fullmatch(value) else None


def _time_zone(value: object) -> str | None:
    text = _text(value, longest=64)
    return text if text in ("", "UTC") or text in available_timezones() else None


_CHECKS: Mapping[str, Any] = {
    "session": _session,
    "revision": _count,
    "watchlist": _words,
    "timeframe": _text,
    "indicators": _words,
    "refresh_s": _refresh_s,
    "time_zone": _time_zone,
    "colours": lambda value: value if isinstance(value, str) and value in PALETTES else None,
    "theme": lambda value: value if value in get_args(Theme) else None,
}
