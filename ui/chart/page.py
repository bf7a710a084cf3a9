"""What does the charts page say? Head, tools, figure and remarks of the series on show."""

from dataclasses import dataclass
from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import CandlePage, Forecast, IndicatorSeries, SymbolStatus
from ui.address import Address
from ui.chart import toolbar
from ui.chart.figure import build_figure, opened_at
from ui.chart.keeper import FigureKeeper
from ui.chart.panes import TITLES, Panes
from ui.chart.series import ChartParts
from ui.chart.span import Span
from ui.dashboard.choice import Choice, timeframes_of
from ui.dashboard.title import title_text
from ui.panels import filled
from ui.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Shown:
    """The series on show, how it is shown, and what was found out about it."""

    choice: Choice
    status: SymbolStatus | None
    panes: Panes
    span: Span
    parts: ChartParts

    @property
    def key(self) -> str:
        """Name the series."""
        return f"{self.choice.symbol} {self.choice.timeframe}"


def panes_of(address: Address, preferences: Preferences) -> Panes:
    """Return the panes that the address names, else those that the reader prefers."""
    names = address.words("ind") if address.has("ind") else preferences.indicators
    return Panes.of(names, log=address.text("log") == "1", heikin=address.text("ha") == "1")


def head_text(shown: Shown) -> str:
    """Return the symbol, its price and the move of a day."""
    page = shown.parts.candles
    known = page if isinstance(page, CandlePage) else None
    return filled(title_text(shown.choice.symbol, price=None, page=known, status=shown.status), about=shown.key)


def tools_text(shown: Shown, elem_id: str) -> str:
    """Return the buttons of the chart."""
    offered = timeframes_of(shown.status) if shown.status else [shown.choice.timeframe]
    groups = (
        toolbar.timeframe_buttons(offered, shown.choice.timeframe),
        toolbar.pane_buttons(shown.panes),
        toolbar.scale_buttons(shown.panes),
        toolbar.range_buttons(shown.span),
        toolbar.file_buttons(elem_id),
    )
    return filled(f'<div class="cc-toolbar">{"".join(groups)}</div>', about=shown.key)


def chart_text(shown: Shown, keeper: FigureKeeper, *, held: str) -> str:
    """Return the value of the chart for a tab that shows the figure `held`: what changed, or why there is none."""
    page, key = shown.parts.candles, shown.key
    if isinstance(page, CandlecastError):
        return keeper.value(key=key, label=f"{key}: no chart", figure=None, note=str(page), held=held)
    if not page.candles:
        note = f"No candles of {key} are stored yet."
        return keeper.value(key=key, label=f"{key}: no chart", figure=None, note=note, held=held)
    parts = shown.parts
    forecast = parts.forecast if isinstance(parts.forecast, Forecast) else None
    figure = build_figure(
        page,
        forecast,
        asset_class=shown.status.asset_class if shown.status else "crypto",
        panes=shown.panes,
        indicators=parts.indicators if isinstance(parts.indicators, IndicatorSeries) else None,
        stories=() if isinstance(parts.stories, CandlecastError) else parts.stories,
    )
    bounds = shown.span.bounds(page.candles[-1].close_time)
    figure = opened_at(figure, page, bounds=bounds, preset=shown.span.preset)
    return keeper.value(key=key, label=label_text(shown), figure=figure, held=held)


def label_text(shown: Shown) -> str:
    """Return the chart in words, for screen readers."""
    drawn = ["candles", *(TITLES[name] for name in shown.panes.names)]
    fan = " and forecast fan" if isinstance(shown.parts.forecast, Forecast) else ""
    return f"{shown.key}: {', '.join(drawn)}{fan}"


def remarks_text(shown: Shown) -> str:
    """Return what a reader must know about the chart: parts that failed, and why there is no fan."""
    lines = [shown.choice.notice] if shown.choice.notice else []
    if shown.choice.timeframe != shown.choice.followed:
        frame, followed = shown.choice.timeframe, shown.choice.followed
        lines.append(
            f"{frame} candles are made from {followed} ones, and only of those that have no hole. "
            f"Forecasts are made for {followed} alone."
        )
    lines += [str(error) for error in shown.parts.failures]
    return "".join(f'<p class="cc-remark">{escape(line)}</p>' for line in lines)
