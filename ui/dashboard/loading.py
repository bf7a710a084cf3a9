"""How does the dashboard find out? Questions to the API, side by side and shared by all tabs."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from candlecast.errors import CandlecastError
from candlecast.queries import NewsFilter, TrackRecordQuery
from candlecast.schemas import Forecast, ForecastItem, ForecastResult, Price, Readiness, SymbolStatus
from ui.dashboard.choice import Choice, status_of
from ui.dashboard.closes import Closes, load_closes
from ui.dashboard.facts import Judged, News, Watched
from ui.panels import attempt
from ui.site import Site

HISTORY_MOMENTS = 28
STORIES_READ = 200
WINDOW = "24h"

Answer = TypeVar("Answer")


async def load_symbols(site: Site) -> Sequence[SymbolStatus] | CandlecastError:
    """Return the followed symbols."""
    return await _asked(site, "symbols", site.client.symbols)


async def load_readiness(site: Site) -> Readiness | CandlecastError:
    """Return how the service is."""
    return await _asked(site, "readiness", site.client.readiness)


async def load_prices(site: Site) -> dict[str, Price]:
    """Return the price of each symbol that has one; none while the API does not answer: closes stand in for them."""
    found = await _asked(site, "prices", site.client.prices)
    if isinstance(found, CandlecastError):
        return {}
    return {item.price.symbol: item.price for item in found.items if item.price is not None}


async def load_forecast(site: Site, choice: Choice) -> Forecast | CandlecastError:
    """Return the newest forecast of a series."""
    symbol, timeframe, horizon = choice.symbol, choice.followed, site.horizon
    key = ("forecast", symbol, timeframe, horizon)
    return await _asked(site, key, lambda: site.client.forecast(symbol, timeframe, horizon=horizon))


async def load_judged(site: Site, forecast: Forecast) -> Judged | CandlecastError:
    """Return how the model of a forecast did on its symbol so far."""
    query = TrackRecordQuery(
        symbol=forecast.symbol,
        timeframe=forecast.timeframe,
        horizon=forecast.horizon,
        model=forecast.model.id,
        window="all",
    )
    found = await _asked(site, query, lambda: site.client.track_record(query))
    if isinstance(found, CandlecastError):
        return found
    return Judged(next(iter(found.items), None), found.cost_bps)


async def load_news(site: Site, symbol: str) -> News | CandlecastError:
    """Return what the news of a day say about a symbol, and their stories."""
    client, wanted = site.client, NewsFilter(symbol=symbol, limit=STORIES_READ)
    summary, page = await asyncio.gather(
        _asked(
            site,
            ("sentiment", symbol, WINDOW, HISTORY_MOMENTS),
            lambda: client.sentiment_summary(symbol, window=WINDOW, history=HISTORY_MOMENTS),
        ),
        _asked(site, wanted, lambda: client.news(wanted)),
    )
    if isinstance(summary, CandlecastError):
        return summary
    return page if isinstance(page, CandlecastError) else News(summary, page.items)


async def load_watched(
    site: Site, statuses: Sequence[SymbolStatus], *, names: Sequence[str], timeframe: str
) -> list[Watched]:
    """Return a line for each of `names`, of forecasts of `timeframe`; a part that cannot be known is left out."""
    prices, calls, closes = await asyncio.gather(
        load_prices(site),
        _load_calls(site, names, timeframe),
        asyncio.gather(*(_closes(site, status_of(statuses, name), timeframe) for name in names)),
    )
    return [
        Watched(
            symbol=name,
            status=status_of(statuses, name),
            price=prices.get(name),
            forecast=call.forecast,
            problem=call.problem.detail if call.problem else "",
            closes=known.values,
            n_missing=known.n_missing,
        )
        for name, call, known in zip(names, calls, closes, strict=True)
    ]


async def _load_calls(site: Site, names: Sequence[str], timeframe: str) -> Sequence[ForecastResult]:
    items = [ForecastItem(symbol=name, timeframe=timeframe, horizon=site.horizon) for name in names]
    key = ("forecasts", tuple(names), timeframe, site.horizon)
    found = await _asked(site, key, lambda: site.client.forecasts(items))
    return [ForecastResult()] * len(items) if isinstance(found, CandlecastError) else found.items


async def _closes(site: Site, status: SymbolStatus | None, timeframe: str) -> Closes:
    found = Closes() if status is None else await attempt(load_closes(site, status, timeframe))
    return Closes() if isinstance(found, CandlecastError) else found


async def _asked(site: Site, key: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer | CandlecastError:
    return await attempt(site.answers.get(key, ask))
