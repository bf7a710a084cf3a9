"""How do the candle colours look? A row of candles in every palette, drawn by the page's own means."""

from html import escape

from ui.palettes import PALETTES, Palette

# open, high, low, close of a short story with both directions
_CANDLES = ((20, 24, 17, 23), (23, 28, 21, 26), (26, 27, 19, 20), (20, 23, 12, 14), (14, 21, 13, 19), (19, 30, 18, 29))
_HIGHEST, _STEP, _WIDTH = 32, 12, 7


def swatches(chosen: str) -> str:
    """Return candles in each palette, the chosen one marked."""
    drawn = "".join(_swatch(name, one, on=name == chosen) for name, one in PALETTES.items())
    return f'<div class="cc-swatches">{drawn}</div>'


def _swatch(name: str, palette: Palette, *, on: bool) -> str:
    night, day = _drawing(palette.up, palette.down), _drawing(palette.up_light, palette.down_light)
    return (
        f'<figure class="cc-swatch" data-palette="{escape(name)}" data-chosen="{str(on).lower()}">'
        f'<span class="cc-by-night">{night}</span><span class="cc-by-day">{day}</span>'
        f"<figcaption>{escape(palette.title)}</figcaption></figure>"
    )


def _drawing(up: str, down: str) -> str:
    parts = []
    for place, (opened, high, low, close) in enumerate(_CANDLES):
        colour, x = (up if close >= opened else down), place * _STEP + _STEP / 2
        top, height = _HIGHEST - max(opened, close), abs(close - opened)
        parts.append(
            f'<path d="M{x} {_HIGHEST - high}V{_HIGHEST - low}" stroke="{colour}" stroke-width="1.4"/>'
            f'<rect x="{x - _WIDTH / 2}" y="{top}" width="{_WIDTH}" height="{height}" rx="1" fill="{colour}"/>'
        )
    return f'<svg viewBox="0 0 {len(_CANDLES) * _STEP} {_HIGHEST}" aria-hidden="true">{"".join(parts)}</svg>'
