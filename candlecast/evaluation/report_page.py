"""An evaluation as one page: tables, charts and leak gates."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from candlecast.evaluation.page import chart, page, table
from candlecast.evaluation.report_charts import charts
from candlecast.evaluation.report_words import coverage_rows, fold_rows, pooled_rows, protocol_words, symbol_rows

_INTRO = (
    "Every figure is of candles that the model never saw. Brackets hold 95 % intervals: Wilson for shares of calls, "
    "days drawn again for all else."
)


def render_page(
    reports: Sequence[Mapping[str, Any]], *, plotly_script: str, gates: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    reports : sequence of mapping
        From `full_report`, one a horizon.
    plotly_script : str
        Text of plotly.js, which the page carries.
    gates : sequence of mapping
        `name`, `passed` and `finding` of each leak gate that was run.

    Returns
    -------
    str
        Every text in it is escaped.
    """
    figures: dict[str, Any] = {}
    body = [_gates(gates)] if gates else []
    for report in reports:
        drawn = {f"chart-{report['horizon']}-{place}": pair for place, pair in enumerate(charts(report).items())}
        figures |= {name: figure for name, (_, figure) in drawn.items()}
        cards = "".join(chart(title, name) for name, (title, _) in drawn.items())
        body.append(_section(report, cards=cards))
    return page(title="Out of sample", intro=_INTRO, body="".join(body), figures=figures, plotly_script=plotly_script)


def _section(report: Mapping[str, Any], *, cards: str) -> str:
    alarm = report["leak_alarm"]
    warning = f'<p class="bad">{escape(alarm)}</p>' if alarm else ""
    return (
        f"<section><h2>{escape(report['timeframe'])}, {report['horizon']} ahead</h2>"
        f"<p>{escape(protocol_words(report))}</p>{warning}"
        f"{table('All symbols', pooled_rows(report))}{table('By symbol', symbol_rows(report))}"
        f'<div class="grid">{cards}</div>{table("By fold", fold_rows(report))}'
        f"{table('Coverage in quiet and wild times', coverage_rows(report))}</section>"
    )


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><td>{escape(gate["name"])}</td><td class="{"good" if gate["passed"] else "bad"}">'
        f"{'passed' if gate['passed'] else 'LEAK'}</td><td>{escape(gate['finding'])}</td></tr>"
        for gate in gates
    )
    return f'<div class="card"><h3>Leak gates</h3><table>{rows}</table></div>'
