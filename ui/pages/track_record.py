"""The track record: every settled forecast counted, beside forecasters that know nothing."""

from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import LedgerItem, TrackRecord
from ui.address import Address
from ui.chart.component import plotly_chart
from ui.chart.value import chart_value
from ui.panels import panel
from ui.preferences import Preferences
from ui.record.charts import coverage_figure, reliability_figure, score_figure
from ui.record.choices import choices_text
from ui.record.found import FoundRecord, load_record
from ui.record.headline import headline_value
from ui.record.meaning import meaning_text
from ui.record.rows import rows_value
from ui.record.scoreboard import scoreboard_value
from ui.record.timeline import coverage_line, score_line
from ui.record.wanted import WantedRecord
from ui.shell import Shell
from ui.site import Site

_CHARTS = (
    ("cc-record-reliability", "Reliability: promised against happened"),
    ("cc-record-score", "Score over time"),
    ("cc-record-coverage", "Intervals over time"),
)


def build(site: Site, shell: Shell) -> None:
    """Add the choices, the tiles, the charts, the tables and what they mean."""
    gr.HTML("<h1>Track record</h1>", elem_id="cc-record-head", elem_classes=["cc-head"], apply_default_css=False)
    choices = panel("cc-record-choices", height_px=64, label="Choices")
    tiles = panel("cc-record-tiles", height_px=330, label="The record")
    charts = []
    with gr.Row(elem_classes=["cc-three"]):
        for name, title in _CHARTS:
            with gr.Column(elem_classes=["cc-surface"]):
                gr.HTML(f'<h2 class="cc-heading">{title}</h2>', apply_default_css=False)
                charts.append(plotly_chart(elem_id=name, size="small"))
    board = panel("cc-record-board", height_px=420, label="Scoreboard")
    rows = panel("cc-record-rows", height_px=420, label="Last forecasts")
    meaning = panel("cc-record-meaning", height_px=300, label="Method")

    async def refresh(address: Address, _: Preferences) -> tuple[Any, ...]:
        found = await load_record(site, WantedRecord.of(address, horizon=site.horizon))
        return (
            choices_text(found),
            headline_value(found),
            *chart_values(found),
            scoreboard_value(found),
            rows_value(found),
            meaning_text(cost_bps=found.cost_bps),
        )

    shell.on_refresh(refresh, outputs=[choices, tiles, *charts, board, rows, meaning])


def chart_values(found: FoundRecord) -> list[str]:
    """Return the values of the three charts: figures, or why there are none."""
    key, (record, problem) = found.about, _record(found)
    figures = [None] * len(_CHARTS) if record is None else _figures(record, _rows(found), key=key)
    return [_value(key, title, figure, problem) for (_, title), figure in zip(_CHARTS, figures, strict=True)]


def _figures(record: TrackRecord, rows: list[LedgerItem], *, key: str) -> list[dict[str, Any] | None]:
    line_80, line_95 = (coverage_line(record.days, rows, level=level) for level in (0.8, 0.95))
    return [
        reliability_figure(record, key=key),
        score_figure(score_line(record.days, rows), key=key),
        coverage_figure(line_80, line_95, key=key),
    ]


def _record(found: FoundRecord) -> tuple[TrackRecord | None, str]:
    for part in (found.all, found.own):
        if isinstance(part, CandlecastError):
            return None, str(part)
    return (found.own if isinstance(found.own, TrackRecord) else None), "No forecast has settled here yet."


def _rows(found: FoundRecord) -> list[LedgerItem]:
    return [] if found.rows is None or isinstance(found.rows, CandlecastError) else found.rows.items


def _value(key: str, title: str, figure: dict[str, Any] | None, note: str) -> str:
    return chart_value(key=key, label=title, figure=figure, note=None if figure else note)
