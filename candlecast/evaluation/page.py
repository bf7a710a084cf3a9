"""One file to hand on: a page of tables and charts that needs neither network nor server."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

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


def page(*, title: str, intro: str, body: str, figures: Mapping[str, Any], plotly_script: str) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    title, intro : str
        Plain text.
    body : str
        HTML, its texts escaped.
    figures : mapping of str to dict
        Plotly figures by the id of their place in `body`.
    plotly_script : str
        Text of plotly.js, which the page carries.
    """
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Candlecast: {escape(title.lower())}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><p>{escape(intro)}</p>{body}</main>"
        f'<script type="application/json" id="figures">{_json(figures)}</script>'
        f"<script>{plotly_script.replace('</script', _ESCAPED_END)}</script><script>{_DRAW}</script></body></html>"
    )


def table(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a card with a table of plain texts, the header first; "" when there is nothing but a header."""
    if len(rows) < 2:
        return ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f'<div class="card"><h3>{escape(title)}</h3><table><tr>{head}</tr>{lines}</table></div>'


def chart(title: str, name: str) -> str:
    """Return a card that holds the figure called `name`, an id of letters, digits and hyphens."""
    return f'<div class="card"><h3>{escape(title)}</h3><div id="{name}"></div></div>'


def _json(figures: Mapping[str, Any]) -> str:
    # inside a script element only these could end it or start a comment
    text = json.dumps(figures, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
