"""What stands in the middle, and the forecast beside it? Title, chart, prediction, its reasons and its record."""

import asyncio
from dataclasses import dataclass
from html import escape

from candlecast.errors import CandlecastError, InsufficientHistoryError, ModelNotReadyError, UnknownSymbolError
from candlecast.schemas import CandlePage, Forecast, Price, SymbolStatus
from ui import words
from ui.chart.figure import build_figure
from ui.chart.keeper import FigureKeeper
from ui.chart.panes import Panes
from ui.chart.series import ChartParts, Wish, load_chart
from ui.chart.toolbar import file_buttons, pane_buttons, timeframe_buttons
from ui.dashboard.choice import Choice, timeframes_of
from ui.dashboard.facts import Judged
from ui.dashboard.forecast_card import forecast_card
from ui.dashboard.loading import load_forecast, load_judged, load_prices
from ui.dashboard.places import CHART
from ui.dashboard.record_card import record_card
from ui.dashboard.title import title_text
from ui.dashboard.why_card import why_card
from ui.panels import card, error_text, failed, filled
from ui.site import Site

CANDLES_SHOWN = 300
# asking again does not help: there is none, and an older one is no answer
_NO_FORECAST = (ModelNotReadyError, InsufficientHistoryError, UnknownSymbolError)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything about the series on show; an error stands where its answer would.

    Parameters
    ----------
    choice : Choice
        The series.
    panes : Panes
        What its chart shows beside candles and forecast.
    status : SymbolStatus or None
        How fresh it is.
    price : Price or None
        What it costs.
    parts : ChartParts
        Of the chart; its forecast is None where the chart's timeframe has none.
    forecast : Forecast or CandlecastError
        Of the followed timeframe.
    judged : Judged or CandlecastError or None
        How its model did; None without a forecast.
    """

    choice: Choice
    panes: Panes
    status: SymbolStatus | None
    price: Price | None
    parts: ChartParts
    forecast: Forecast | CandlecastError
    judged: Judged | CandlecastError | None


async def load_stage(site: Site, choice: Choice, *, panes: Panes, status: SymbolStatus | None) -> Stage:
    """Ask for all of it side by side; a failing part leaves the others alone."""
    followed = choice.timeframe == choice.followed
    wish = Wish(choice.symbol, choice.timeframe, panes, n_candles=CANDLES_SHOWN, forecast=followed)
    parts, prices, (forecast, judged) = await asyncio.gather(
        load_chart(site, wish), load_prices(site), _load_called(site, choice)
    )
    return Stage(choice, panes, status, prices.get(choice.symbol), parts, forecast, judged)


async def _load_called(
    site: Site, choice: Choice
) -> tuple[Forecast | CandlecastError, Judged | CandlecastError | None]:
    forecast = await load_forecast(site, choice)
    return forecast, None if isinstance(forecast, CandlecastError) else await load_judged(site, forecast)


def head_text(stage: Stage) -> str:
    """Return the head of the chart."""
    page = None if isinstance(stage.parts.candles, CandlecastError) else stage.parts.candles
    choice = stage.choice
    text = title_text(choice.symbol, price=stage.price, page=page, status=stage.status)
    if choice.timeframe != choice.followed:
        text += f'<p class="cc-small">The forecast is of {escape(choice.followed)} candles.</p>'
    if choice.notice:
        text += f'<p class="cc-banner" role="status">{escape(choice.notice)}</p>'
    series = escape(f"{choice.symbol} {choice.timeframe}")
    return filled(f'<div data-series="{series}">{text}</div>', about=choice.symbol)


def tools_text(stage: Stage) -> str:
    """Return the buttons above the chart."""
    offered = timeframes_of(stage.status) if stage.status else [stage.choice.timeframe]
    buttons = (
        timeframe_buttons(offered, stage.choice.timeframe) + pane_buttons(stage.panes) + file_buttons(CHART.elem_id)
    )
    return filled(f'<div class="cc-tools">{buttons}</div>', about="tools")


def chart_text(stage: Stage, keeper: FigureKeeper, *, held: str) -> str:
    """Return the value of the chart: the figure, or why there is none; `held` is what the tab shows."""
    candles, key = stage.parts.candles, f"{stage.choice.symbol} {stage.choice.timeframe}"
    note = _why_no_chart(candles, key)
    if note or isinstance(candles, CandlecastError):
        return keeper.value(key=key, label=f"{key}: no chart", figure=None, held=held, note=note)
    parts = stage.parts
    figure = build_figure(
        candles,
        parts.forecast if isinstance(parts.forecast, Forecast) else None,
        asset_class=stage.status.asset_class if stage.status else "crypto",
        panes=stage.panes,
        indicators=None if isinstance(parts.indicators, CandlecastError) else parts.indicators,
        stories=() if isinstance(parts.stories, CandlecastError) else parts.stories,
    )
    missing = "; ".join(str(error) for error in parts.failures if error is not parts.forecast)
    return keeper.value(key=key, label=_label(candles, parts.forecast), figure=figure, held=held, note=missing or None)


def forecast_texts(stage: Stage) -> tuple[str, str, str]:
    """Return the panels of the forecast, of its reasons and of its record."""
    about = f"{stage.choice.symbol} {stage.choice.followed}"
    forecast, judged = stage.forecast, stage.judged
    if isinstance(forecast, _NO_FORECAST):
        return filled(card("Forecast", error_text(forecast)), about=about), filled(""), filled("")
    if isinstance(forecast, CandlecastError):
        titles = ("Forecast", "Why", "Its record here")
        lost = [failed(forecast, title=title, about=about) for title in titles]
        return lost[0], lost[1], lost[2]
    cost_bps = judged.cost_bps if isinstance(judged, Judged) else None
    return (
        filled(forecast_card(forecast, cost_bps=cost_bps), about=about),
        filled(why_card(forecast), about=about),
        _record_text(judged, about=about),
    )


def _why_no_chart(candles: CandlePage | CandlecastError, key: str) -> str:
    if isinstance(candles, CandlecastError):
        return str(candles)
    return "" if candles.candles else f"No candles of {key} are stored yet; the first backfill is on its way."


def _record_text(judged: Judged | CandlecastError | None, *, about: str) -> str:
    if isinstance(judged, CandlecastError):
        return failed(judged, title="Its record here", about=about)
    return filled("" if judged is None else record_card(judged), about=about)


def _label(page: CandlePage, forecast: Forecast | CandlecastError | None) -> str:
    last = page.candles[-1]
    text = f"{page.symbol} {page.timeframe} candles, the newest one closed at {words.price(last.close)}"
    if not isinstance(forecast, Forecast):
        return text
    return f"{text}; forecast fan, P(up) {words.share_pct(forecast.p_up)}"
