"""What may a reader switch on a chart? Buttons that write the choice into the page's address."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from ui.chart.panes import TITLES, Panes
from ui.chart.span import PRESETS, Span


def timeframe_buttons(offered: Sequence[str], chosen: str) -> str:
    """Return one button a timeframe."""
    buttons = (_choice(name, {"tf": name, "range": ""}, on=name == chosen) for name in offered)
    return _group("Timeframe", "".join(buttons))


def pane_buttons(panes: Panes) -> str:
    """Return one switch a pane or overlay; the address names those that are on, ``none`` where none is."""
    buttons = (_choice(title, {"ind": _toggled(panes, name)}, on=name in panes.names) for name, title in TITLES.items())
    return _group("Indicators", "".join(buttons))


def scale_buttons(panes: Panes) -> str:
    """Return the switches of the price scale and of the kind of candles."""
    log = _choice("Log", {"log": "" if panes.log else "1"}, on=panes.log, title="logarithmic prices")
    heikin = {"ha": "" if panes.heikin else "1"}
    return _group("Scale", log + _choice("Heikin-Ashi", heikin, on=panes.heikin, title="averaged candles"))


def range_buttons(span: Span) -> str:
    """Return one button a length of time."""
    buttons = (_choice(title, {"range": name}, on=span.preset == name) for name, (title, _) in PRESETS.items())
    return _group("Range", "".join(buttons))


def file_buttons(elem_id: str) -> str:
    """Return the buttons that save the chart and show it as it was."""
    acts = (
        ("csv", "CSV", "visible candles as a table"),
        ("png", "PNG", "the chart as a picture"),
        ("reset", "Reset view", "show all as at first"),
    )
    name = escape(elem_id)
    buttons = (
        f'<button type="button" class="cc-switch" data-chart-{act}="{name}" title="{hint}">{title}</button>'
        for act, title, hint in acts
    )
    return _group("Chart", "".join(buttons))


def _toggled(panes: Panes, name: str) -> str:
    names = [one for one in panes.names if one != name] if name in panes.names else [*panes.names, name]
    return ",".join(names) or "none"


def _choice(text: str, go: dict[str, str], *, on: bool, title: str = "") -> str:
    hint = f' title="{escape(title)}"' if title else ""
    address = escape(urlencode(go))
    pressed = str(on).lower()
    return (
        f'<button type="button" class="cc-switch" data-go="{address}" aria-pressed="{pressed}"{hint}>'
        f"{escape(text)}</button>"
    )


def _group(label: str, buttons: str) -> str:
    return f'<div class="cc-switches" role="group" aria-label="{escape(label)}">{buttons}</div>'
