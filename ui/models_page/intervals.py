"""Which kind of intervals did training choose for a model, and on what grounds?"""

from collections.abc import Mapping
from html import escape
from typing import Any

from candlecast.schemas import ModelDetail
from ui.panels import row

_LEARNED = "quantiles"


def interval_row(model: ModelDetail) -> str:
    """Return the line of a model that says how it makes intervals; empty for one of a training that told nothing."""
    choice = model.metrics.get("interval_choice")
    if not isinstance(choice, Mapping) or not isinstance(choice.get("kind"), str):
        return ""
    kind = "learned quantiles" if choice["kind"] == _LEARNED else choice["kind"]
    return row("Intervals", f"{escape(kind)}<br><small>{escape(_grounds(choice))}</small>")


def _grounds(choice: Mapping[str, Any]) -> str:
    ratio, p_value = choice.get("score_ratio"), choice.get("p_value")
    if not isinstance(ratio, int | float):
        return "quantiles not compared: too few days, or a first training in a hurry"
    chance = f", p {p_value:.3f}" if isinstance(p_value, int | float) else ""
    who = "their" if choice["kind"] == _LEARNED else "learned quantiles:"
    return f"{who} score {ratio:.3f} × scaled volatility's, lower is better{chance}, n {choice.get('n', 0):,}"
