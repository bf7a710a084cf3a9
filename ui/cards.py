"""What do the panels say? Each panel as HTML text, every value from outside escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import CandlePage, Driver, Forecast, ForecastItem, ForecastResult, Interval, SymbolStatus
from ui import words
from ui.live import age, countdown
from ui.origin import origin_mark, origin_text

LOADING = '<div class="cc-skeleton" role="status" aria-label="loading"><i></i><i></i><i></i></div>'
FOOT = (
    '<p class="cc-foot">Not financial advice. Every forecast is stored before its outcome is known; '
    "intervals come from past forecast errors.</p>"
)
_WORD = {"up": "Up", "down": "Down", "abstain": "No call"}


def card(title: str, body: str, *, aside: str = "") -> str:
    """Return a panel; `body` and `aside` are HTML, `title` is text."""
    return f'<section class="cc-panel"><h2>{escape(title)} <span>{aside}</span></h2>{body}</section>'


def row(label: str, value: str, *, kind: str = "") -> str:
    """Return one line of a panel; `label` is text, `value` is HTML."""
    return f'<div class="cc-row"><span>{escape(label)}</span><span class="cc-num {kind}">{value}</span></div>'


def error_text(error: CandlecastError) -> str:
    """Return an error in words, for a panel that has nothing else to show."""
    return f'<div class="cc-error" role="alert"><b>{escape(error.title)}</b><p>{escape(str(error))}</p></div>'


def forecast_card(forecast: Forecast | CandlecastError) -> str:
    """Return the prediction panel: the forecast with all its terms, or why there is none."""
    if isinstance(forecast, CandlecastError):
        return card("Forecast", error_text(forecast))
    rows = [
        row("P(up), calibrated", words.share_pct(forecast.p_up)),
        row("Expected move", words.move_pct(forecast.expected_log_return), kind=_sign(forecast.expected_log_return)),
        *(row(f"{100 * level:.0f} % interval", _interval(forecast.intervals, level)) for level in (0.8, 0.95)),
        row("Last close", words.price(forecast.last_close)),
        row("Target time", words.moment(forecast.target_time)),
        row("Data as of", words.moment(forecast.as_of), kind="cc-warn" if forecast.data.stale else ""),
        row("Data age", age(forecast.as_of, seconds=forecast.data.age_s)),
        row("Model", f"{escape(forecast.model.algorithm)} · {escape(forecast.model.id[:8])}"),
        row("Trained", words.moment(forecast.model.trained_at)),
        row("80 % interval held lately", _coverage(forecast.model.coverage_recent)),
    ]
    title = words.horizon_words(forecast.timeframe, forecast.horizon)
    return card(title, _call(forecast) + "".join(rows), aside=f"closes {countdown(forecast.target_time)}")


def why_card(forecast: Forecast | CandlecastError) -> str:
    """Return the panel of the strongest drivers, as pushes on the log odds of up; empty without a forecast."""
    if isinstance(forecast, CandlecastError):
        return ""
    scale = max((abs(driver.contribution) for driver in forecast.drivers), default=0) or 1
    lines = "".join(_driver(driver, scale=scale) for driver in forecast.drivers)
    return card(
        "Why",
        (lines or "<p>No single feature stands out.</p>") + row("News sentiment", _news(forecast)),
        aside="log odds",
    )


def _news(forecast: Forecast) -> str:
    told = forecast.sentiment
    if not told.available:
        return "not known"
    return "no story in 24 h" if told.score is None else f"{words.signed(told.score)} · n {told.n}"


def watch_card(
    items: Sequence[ForecastItem],
    results: Sequence[ForecastResult] | CandlecastError,
    *,
    chosen: str,
    statuses: Mapping[str, SymbolStatus],
) -> str:
    """Return the watchlist: one button per tracked symbol with its call, its probability and any detour of its data."""
    if isinstance(results, CandlecastError):
        results = [ForecastResult()] * len(items)
    pairs = zip(items, results, strict=False)
    lines = "".join(
        _watch(item.symbol, result, on=item.symbol == chosen, status=statuses.get(item.symbol))
        for item, result in pairs
    )
    return card("Watchlist", f'<div class="cc-watch">{lines}</div>', aside="P(up)")


def title_text(page: CandlePage | CandlecastError, symbol: str, *, status: SymbolStatus | None) -> str:
    """Return the head of the chart: symbol, last close, the move since a day (or a session) before, and the source."""
    if isinstance(page, CandlecastError) or not page.candles:
        return f'<div class="cc-title"><h1>{escape(symbol)}</h1>{origin_text(status)}</div>'
    last = page.candles[-1]
    older = [candle.close for candle in page.candles if (last.close_time - candle.close_time).days >= 1]
    change, span = (last.close / older[-1] - 1, _span(page.timeframe)) if older else (0.0, "")
    return (
        f'<div class="cc-title"><h1>{escape(symbol)}</h1><span class="cc-num">{words.price(last.close)}</span>'
        f'<span class="cc-num {_sign(change)}">{words.signed(100 * change)} %</span><small>{span}</small>'
        f"{origin_text(status)}</div>"
    )


def _span(timeframe: str) -> str:
    return "since the close before" if timeframe == "1d" else "24 h"


def _call(forecast: Forecast) -> str:
    share = 1 - forecast.p_up if forecast.direction == "down" else forecast.p_up
    kind = {"up": "cc-up", "down": "cc-down"}.get(forecast.direction, "")
    said = _WORD[forecast.direction]
    if forecast.direction == "abstain":
        reason = escape(forecast.abstain_reason or "the model sees no edge")
        return f'<p class="cc-call"><b>{said}</b></p><p class="cc-reason">{reason}</p>'
    return f'<p class="cc-call"><b class="{kind}">{said} {words.share_pct(share)}</b> <span>calibrated</span></p>'


def _interval(intervals: Sequence[Interval], level: float) -> str:
    found = [interval for interval in intervals if abs(interval.level - level) < 1e-6]
    return f"{words.price(found[0].low)} – {words.price(found[0].high)}" if found else "not given"


def _coverage(share: float | None) -> str:
    return "not known yet" if share is None else words.share_pct(share)


def _driver(driver: Driver, *, scale: float) -> str:
    kind = "cc-up" if driver.contribution >= 0 else "cc-down"
    width_pct = 100 * abs(driver.contribution) / scale
    value = "" if driver.value is None else f" {driver.value:.3g}"
    return (
        f'<div class="cc-driver"><span>{escape(driver.feature.replace("_", " "))}<small>{value}</small></span>'
        f'<u class="{kind}"><i style="width:{width_pct:.0f}%"></i></u>'
        f'<span class="cc-num">{words.signed(driver.contribution)}</span></div>'
    )


def _watch(symbol: str, result: ForecastResult, *, on: bool, status: SymbolStatus | None) -> str:
    forecast = result.forecast
    name, _, quote = symbol.partition("/")
    if forecast is None:
        reason = escape(result.problem.detail if result.problem else "no forecast")
        numbers = f'<span class="cc-num" title="{reason}">–</span>'
    else:
        arrow, kind = {"up": ("▲", "cc-up"), "down": ("▼", "cc-down")}.get(forecast.direction, ("·", ""))
        numbers = (
            f'<span class="cc-num">{words.price(forecast.last_close)}'
            f'<small class="{kind}">{arrow} {words.share_pct(forecast.p_up)}</small></span>'
        )
    return (
        f'<button type="button" data-symbol="{escape(symbol)}" aria-pressed="{str(on).lower()}">'
        f"<span>{escape(name)}<small>{'/' + escape(quote) if quote else 'stock'}{origin_mark(status)}</small></span>"
        f"{numbers}</button>"
    )


def _sign(value: float) -> str:
    return "cc-up" if value > 0 else "cc-down" if value < 0 else ""
