"""What can a reader choose between? The choices of the settings, in words."""

from collections.abc import Sequence
from zoneinfo import available_timezones

from candlecast.errors import CandlecastError
from candlecast.schemas import SymbolStatus
from ui import words
from ui.palettes import PALETTES
from ui.preferences import LONGEST_REFRESH_S, SHORTEST_REFRESH_S, Preferences

Choice = tuple[str, str]

REFRESHES_S = (10, 30, 60, 120, 300, 900, 1_800, 3_600)
THEMES: list[Choice] = [("As the system", "system"), ("Light", "light"), ("Dark", "dark")]
FOLLOWED = ("As followed", "")

assert REFRESHES_S[0] == SHORTEST_REFRESH_S
assert REFRESHES_S[-1] == LONGEST_REFRESH_S


def refresh_choices(chosen_s: int) -> list[tuple[str, int]]:
    """Return the refresh intervals in words; a chosen one that is no usual one stands among them."""
    return [(words.wait(seconds), seconds) for seconds in sorted({*REFRESHES_S, chosen_s})]


def zone_choices() -> list[Choice]:
    """Return the time zones: UTC, the browser's own, then all by name."""
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [("UTC", "UTC"), ("As the browser", ""), *((zone.replace("_", " "), zone) for zone in named)]


def colour_choices() -> list[Choice]:
    """Return the palettes by what they look like."""
    return [(palette.title, name) for name, palette in PALETTES.items()]


def timeframe_choices(symbols: Sequence[SymbolStatus] | CandlecastError, preferences: Preferences) -> list[Choice]:
    """Return the timeframes that charts offer, and the chosen one, whatever is known of the symbols."""
    known = [] if isinstance(symbols, CandlecastError) else [frame for one in symbols for frame in _frames(one)]
    kept = [preferences.timeframe] if preferences.timeframe else []
    return [FOLLOWED, *((frame, frame) for frame in dict.fromkeys([*known, *kept]))]


def symbol_choices(symbols: Sequence[SymbolStatus] | CandlecastError, preferences: Preferences) -> list[str]:
    """Return the symbols that a watchlist may hold: the tracked ones, and those that it holds already."""
    known = [] if isinstance(symbols, CandlecastError) else [one.symbol for one in symbols]
    return list(dict.fromkeys([*known, *preferences.watchlist]))


def _frames(status: SymbolStatus) -> Sequence[str]:
    return status.chart_timeframes or status.timeframes
