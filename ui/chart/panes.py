"""Which parts does a chart have? Panes and overlays that a reader switches, and where each pane lies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "volume": "Volume",
        "bollinger": "Bollinger",
        "rsi": "RSI",
        "macd": "MACD",
        "news": "News",
    }
)
"""What a reader may switch on, by the name that addresses and preferences use."""

_SHORT = {"vol": "volume", "bb": "bollinger"}
_GAP = 0.035
# from the bottom up: share of the height that a pane takes
_HEIGHTS = {"macd": 0.16, "rsi": 0.13, "volume": 0.12}

Domain = list[float]


@dataclass(frozen=True, slots=True)
class Panes:
    """What a chart shows beside its candles and the forecast.

    Parameters
    ----------
    volume, bollinger, rsi, macd, news : bool
        Panes and overlays.
    log : bool
        Logarithmic prices.
    heikin : bool
        Heikin-Ashi candles in place of the real ones.
    """

    volume: bool = True
    bollinger: bool = False
    rsi: bool = False
    macd: bool = False
    news: bool = False
    log: bool = False
    heikin: bool = False

    @classmethod
    def of(cls, names: Iterable[str], *, log: bool = False, heikin: bool = False) -> "Panes":
        """Return the panes of that names; unknown names are left out, ``bb`` and ``vol`` are short forms."""
        wanted = {_SHORT.get(name, name) for name in names}
        return cls(**{name: name in wanted for name in TITLES}, log=log, heikin=heikin)

    @property
    def names(self) -> tuple[str, ...]:
        """The panes and overlays that are on, in their order."""
        return tuple(name for name in TITLES if getattr(self, name))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of ``/v1/indicators`` that they need."""
        return tuple(name for name in ("bollinger", "rsi", "macd") if getattr(self, name))

    @property
    def code(self) -> str:
        """Name this choice in a few letters, one a switch."""
        return "".join(field.name[0] for field in fields(self) if getattr(self, field.name))


CANDLES_AND_VOLUME = Panes()
"""What a chart shows where nothing is said."""


def domains(panes: Panes) -> dict[str, Domain]:
    """Return the share of the height that ``price`` and each lower pane that is on take, from bottom to top."""
    found: dict[str, Domain] = {}
    floor = 0.0
    for name, height in _HEIGHTS.items():
        if getattr(panes, name):
            found[name] = [floor, floor + height]
            floor = round(floor + height + _GAP, 4)
    return found | {"price": [floor, 1.0]}
