"""What does the page send for a chart? The whole figure as compact JSON, each list of times once."""

import hashlib
import json
from typing import Any

Figure = dict[str, Any]


def chart_value(*, key: str, label: str, figure: Figure | None, note: str | None = None) -> str:
    """Return the value of a `plotly_chart` with the whole figure.

    Parameters
    ----------
    key : str
        Names the series; an earlier figure of the same key stays, dimmed, while a note is shown.
    label : str
        The chart in words, for screen readers.
    figure : dict or None
        ``data`` and ``layout`` of Plotly; None: nothing new can be drawn.
    note : str or None
        Why nothing is drawn.
    """
    if figure is None:
        return compact({"key": key, "label": label, "figure": None, "note": note})
    wire = pooled(figure)
    return compact({"key": key, "label": label, "note": note, "digest": digest_of(wire), "figure": wire})


def pooled(figure: Figure) -> Figure:
    """Return the figure with ``{"like": i}`` for the ``x`` of a trace that equals that of trace i."""
    data: list[dict[str, Any]] = []
    places: dict[int, int] = {}
    for place, trace in enumerate(figure["data"]):
        times = trace.get("x")
        first = places.setdefault(id(times), place)
        data.append(trace if first == place or times is None else trace | {"x": {"like": first}})
    return figure | {"data": data}


def digest_of(wire: Figure) -> str:
    """Return what names a pooled figure: equal figures have equal digests."""
    return hashlib.sha256(compact(wire).encode()).hexdigest()[:16]


def compact(value: Any) -> str:
    """Return JSON without blanks; numbers that JSON lacks are refused."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
