"""A backtest as one page: tables beside holding, value and drawdown over time."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from candlecast.evaluation.backtest_words import figure_rows, part_rows, rules_words
from candlecast.evaluation.page import chart, page, table
from candlecast.evaluation.report_charts import figure

_INTRO = (
    "Every symbol has an equal part of the capital. Fills are at the open after a forecast, costs are paid on every "
    "unit, and what is held is valued at each close. What was earned in the past says little of what will be."
)
_COLOURS = {"strategy": ("following the forecasts", "#5b8def"), "hold": ("holding", "#8a93a8")}


def render_backtest(report: Mapping[str, Any], *, plotly_script: str) -> str:
    """Return a backtest as one HTML page; every text in it is escaped.

    Parameters
    ----------
    report : mapping
        From `candlecast.evaluation.backtest`, with `source`, `timeframe` and `horizon`.
    plotly_script : str
        Text of plotly.js, which the page carries.
    """
    drawn = {
        "equity": ("Value of a capital of 1", figure(_lines(report["equity"]), x="", y="capital")),
        "drawdown": (
            "Below its highest value",
            figure(_lines(report["equity"], "_drawdown_pct", sign=-1), x="", y="%"),
        ),
    }
    cards = "".join(chart(title, name) for name, (title, _) in drawn.items())
    body = (
        f"<section><h2>{escape(report['timeframe'])}, {report['horizon']} ahead</h2>"
        f"<p>{escape(rules_words(report))}</p>{table('All symbols', figure_rows(report))}"
        f'<div class="grid">{cards}</div>{table("By symbol", part_rows(report))}</section>'
    )
    figures = {name: shown for name, (_, shown) in drawn.items()}
    return page(title="Backtest", intro=_INTRO, body=body, figures=figures, plotly_script=plotly_script)


def _lines(curve: Sequence[Mapping[str, Any]], suffix: str = "", *, sign: int = 1) -> list[dict[str, Any]]:
    times = [point["time"] for point in curve]
    return [
        {"x": times, "y": [sign * point[key + suffix] for point in curve], "name": label, "line": {"color": colour}}
        for key, (label, colour) in _COLOURS.items()
    ]
