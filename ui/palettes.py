"""Which colours can candles have? A pair for "up" and "down", each legible by night and by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Palette:
    """Two colours as hex, and their stronger kin for light backgrounds."""

    title: str
    up: str
    down: str
    up_light: str
    down_light: str


DEFAULT_PALETTE = "green-red"
PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        DEFAULT_PALETTE: Palette("Green up, red down", "#35c28f", "#f78d98", "#076845", "#b3263d"),
        "red-green": Palette("Red up, green down", "#f78d98", "#35c28f", "#b3263d", "#076845"),
        "blue-orange": Palette("Blue up, orange down (colour-blind safe)", "#56b4e9", "#f0a02b", "#005a91", "#8a4200"),
        "light-violet": Palette("Light up, violet down", "#dfe6f7", "#bfa6f9", "#26324f", "#6237b8"),
    }
)
