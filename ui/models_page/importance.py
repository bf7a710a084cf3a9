"""Which features carry a model? Its importance by gain and by permutation as one figure."""

from typing import Any

from candlecast.schemas import ModelDetail
from ui.explain.sayings import saying_of

SHOWN = 15
_SPLIT = 0.52
_LONGEST = 40


def importance_figure(model: ModelDetail) -> dict[str, Any] | None:
    """Return the figure of the features that weigh most, None where no weight is kept.

    Ordered by permutation where that was measured, else by gain: what a feature gave the fit says
    less about forecasts than what is lost without it.
    """
    gain = {name: value or 0.0 for name, value in model.importance.get("gain", {}).items()}
    permutation = {name: value or 0.0 for name, value in model.importance.get("permutation", {}).items()}
    first = permutation or gain
    if not any(first.values()):
        return None
    # the strongest stands at the top, and an axis counts upwards
    names = sorted(first, key=lambda name: -first[name])[:SHOWN][::-1]
    labels = _labels(names)
    shares = [100 * gain.get(name, 0.0) for name in names]
    traces = [_bars(labels, shares) | _hover(names, "% of the gain") | _place("x", "accent")]
    if permutation:
        nats = [1_000 * permutation.get(name, 0.0) for name in names]
        traces.append(_bars(labels, nats) | _hover(names, "milli-nats lost without it") | _place("x2", "violet"))
    return {"data": traces, "layout": _layout(both=bool(permutation))}


def importance_words(model: ModelDetail) -> str:
    """Return how the figure is to be read."""
    if model.importance.get("permutation"):
        return (
            "Left: share of what the fit gained. Right: how much log loss rises out of sample when the feature's "
            "values change places, in thousandths of a nat; about 0 means that others can do its work."
        )
    return (
        "Share of what the fit gained. This training did not measure what is lost without a feature (permutation): "
        "the first training of a stack leaves that out to be ready sooner."
    )


def _bars(labels: list[str], values: list[float]) -> dict[str, Any]:
    return {"type": "bar", "orientation": "h", "y": labels, "x": values}


def _hover(names: list[str], unit: str) -> dict[str, Any]:
    said = "%{text}<br>%{x:.3~g} " + unit + "<extra></extra>"
    return {"name": unit, "text": names, "textposition": "none", "hovertemplate": said}


def _place(axis: str, colour: str) -> dict[str, Any]:
    return {"xaxis": axis, "marker": {"color": f"var(--cc-{colour})"}}


def _layout(*, both: bool) -> dict[str, Any]:
    axis = {"zeroline": True, "fixedrange": True}
    layout: dict[str, Any] = {
        "showlegend": False,
        "bargap": 0.35,
        "hovermode": "closest",
        "margin": {"l": 8, "r": 12, "t": 24, "b": 28},
        "xaxis": axis | {"domain": [0, _SPLIT - 0.04] if both else [0, 1], "ticksuffix": " %"},
        "yaxis": {"automargin": True, "fixedrange": True, "showgrid": False},
    }
    if both:
        layout["xaxis2"] = axis | {"domain": [_SPLIT, 1], "anchor": "y"}
        layout["annotations"] = [_title("gain", 0), _title("permutation", _SPLIT)]
    return layout


def _title(text: str, x: float) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _labels(names: list[str]) -> list[str]:
    """Return the features in words; with their own names where two have the same, whose bars would pile up."""
    said = [saying.name if (saying := saying_of(name)) else name for name in names]
    plain = [text if said.count(text) == 1 else f"{text} ({name})" for text, name in zip(said, names, strict=True)]
    return [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text in plain]
