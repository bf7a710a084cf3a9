"""How did a number go lately? A line of a few dozen points, as inline SVG without a word."""

from collections.abc import Sequence

WIDTH, HEIGHT = 56, 22
_EDGE = 2.0


def sparkline(
    values: Sequence[float | None], *, kind: str = "", width: int = WIDTH, height: int = HEIGHT, symmetric: bool = False
) -> str:
    """Return a line through `values`, broken where one is None; empty with fewer than two known ones.

    Parameters
    ----------
    values : sequence of float or None
        Evenly spaced, the newest last.
    kind : str
        Class that gives the line its colour.
    width, height : int
        Of the drawing's own units; the page may stretch it.
    symmetric : bool
        Draw -1 at the bottom, +1 at the top and a line at 0, not the values' own range.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = (-1.0, 1.0) if symmetric else (min(known), max(known))
    scale = (height - 2 * _EDGE) / ((high - low) or 1.0)
    step = width / (len(values) - 1)
    places = [
        None if value is None else f"{place * step:.1f},{height - _EDGE - (value - low) * scale:.1f}"
        for place, value in enumerate(values)
    ]
    zero = f'<path class="cc-zero" d="M0 {height / 2:.0f}H{width}"/>' if symmetric else ""
    return (
        f'<svg class="cc-spark {kind}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">'
        f'{zero}<path d="{_path(places)}"/></svg>'
    )


def _path(places: Sequence[str | None]) -> str:
    parts, pen = [], "M"
    for place in places:
        if place is None:
            pen = "M"
            continue
        parts.append(pen + place)
        pen = "L"
    return "".join(parts)
