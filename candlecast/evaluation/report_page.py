"""One file to hand on: the report as a page that needs neither network nor server."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from candlecast.evaluation.report_charts import charts
from candlecast.evaluation.report_words import Cell, coverage_rows, fold_rows, pooled_rows, protocol_words, symbol_rows

# drawn by the script that is in the page itself; nothing is ever fetched
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_ESCAPED_END = "<\\/script"
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2333;--dim:#5d6880;--line:#dfe4ee;--card:#fff;--back:#f4f6fb;
--bad:#c0334b;--good:#1d8f6a}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf8;--dim:#9aa6c4;--line:#2a3350;--card:#131a30;--back:#0b1020;
--bad:#ff8296;--good:#5ad1a8}}
*{box-sizing:border-box}
body{margin:0;padding:24px;background:var(--back);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:auto}
h1{font-size:22px;margin:0 0 4px}
h2{font-size:18px;margin:32px 0 4px}
h3{font-size:14px;margin:0 0 8px}
p{margin:0 0 12px;color:var(--dim)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:0 16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px;margin-bottom:16px;
overflow-x:auto;min-width:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;text-align:right;white-space:nowrap}
th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}
th{color:var(--dim);font-weight:500}
tr+tr{border-top:1px solid var(--line)}
.bad{color:var(--bad)}
.good{color:var(--good)}
"""
_DRAW = """
for (const [id, figure] of Object.entries(JSON.parse(document.getElementById('figures').textContent)))
  Plotly.newPlot(id, figure.data, figure.layout, {responsive: true, displaylogo: false});
"""


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
        cards = "".join(
            f'<div class="card"><h3>{escape(title)}</h3><div id="{name}"></div></div>'
            for name, (title, _) in drawn.items()
        )
        body.append(_section(report, cards=cards))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Candlecast: out of sample</title><style>{_STYLE}</style></head><body><main>"
        "<h1>Out of sample</h1><p>Every figure is of candles that the model never saw. Brackets hold 95 % "
        "intervals: Wilson for shares of calls, days drawn again for all else.</p>"
        f"{''.join(body)}</main>"
        f'<script type="application/json" id="figures">{_json(figures)}</script>'
        f"<script>{plotly_script.replace('</script', _ESCAPED_END)}</script><script>{_DRAW}</script></body></html>"
    )


def _section(report: Mapping[str, Any], *, cards: str) -> str:
    alarm = report["leak_alarm"]
    warning = f'<p class="bad">{escape(alarm)}</p>' if alarm else ""
    return (
        f"<section><h2>{escape(report['timeframe'])}, {report['horizon']} ahead</h2>"
        f"<p>{escape(protocol_words(report))}</p>{warning}"
        f"{_table('All symbols', pooled_rows(report))}{_table('By symbol', symbol_rows(report))}"
        f'<div class="grid">{cards}</div>{_table("By fold", fold_rows(report))}'
        f"{_table('Coverage in quiet and wild times', coverage_rows(report))}</section>"
    )


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><td>{escape(gate["name"])}</td><td class="{"good" if gate["passed"] else "bad"}">'
        f"{'passed' if gate['passed'] else 'LEAK'}</td><td>{escape(gate['finding'])}</td></tr>"
        for gate in gates
    )
    return f'<div class="card"><h3>Leak gates</h3><table>{rows}</table></div>'


def _table(title: str, rows: Sequence[Sequence[Cell]]) -> str:
    if len(rows) < 2:
        return ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f'<div class="card"><h3>{escape(title)}</h3><table><tr>{head}</tr>{lines}</table></div>'


def _json(figures: Mapping[str, Any]) -> str:
    # inside a script element only these could end it or start a comment
    text = json.dumps(figures, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
