"""What does the HTTP API read by itself? Put together here, from settings."""

import asyncio
from dataclasses import dataclass

from candlecast.bootstrap import Market, followed_symbols, open_cache, open_database, open_market, open_venues
from candlecast.forecasts.cached import CachedForecasts
from candlecast.market.prices import PriceReader, PriceSources
from candlecast.market.reader import MarketReader
from candlecast.news.reader import NewsReader
from candlecast.readiness import ReadinessProbe
from candlecast.settings import Settings
from candlecast.storage.cache import Cache
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.closes import CloseStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class Reading:
    """The readers behind the routes, over one database and one cache."""

    reader: MarketReader
    readiness: ReadinessProbe
    prices: PriceReader
    forecasts: CachedForecasts
    news: NewsReader
    feeds: FeedStates | None
    cache: Cache


def open_reading(settings: Settings) -> Reading:
    """Open what answers symbols, candles, prices, known forecasts, news and readiness."""
    market, database, cache = open_market(settings), open_database(settings), open_cache(settings)
    followed, models = followed_symbols(market, database), ModelStore(database)
    clock, timeframe = market.clock, market.settings.timeframe
    symbols = {name: symbol for name, (symbol, _) in followed.items()}
    reader = MarketReader(symbols=followed, timeframe=timeframe, clock=clock, candles=CandleStore(database))
    sources = PriceSources(cache, fetch_price=open_venues(settings).fetch_price, closes=CloseStore(database))

    feeds = FeedStates(RedisLink(settings.redis.url.get_secret_value())) if settings.news.enabled else None

    def champion_id(timeframe: str, horizon: int) -> str | None:
        champion = models.champion(timeframe, horizon)
        return None if champion is None else champion.id

    return Reading(
        reader=reader,
        readiness=ReadinessProbe(
            market=market.settings, clock=clock, reader=reader, models=models, cache=cache, feeds=feeds
        ),
        prices=PriceReader(symbols=symbols, timeframe=timeframe, clock=clock, sources=sources),
        forecasts=CachedForecasts(cache=cache, clock=clock, symbols=symbols, champion_id=champion_id),
        news=NewsReader(symbols=followed, clock=clock, database=database, engine=settings.sentiment.engine),
        feeds=feeds,
        cache=cache,
    )


def forget_forecasts(settings: Settings, market: Market, promoted: ModelRecord) -> None:
    """Drop the cached forecasts of the model that was promoted before."""

    async def forget() -> None:
        cache = open_cache(settings)
        names = [symbol.name for symbol in market.symbols]
        await cache.forget_forecasts(names, promoted.timeframe, promoted.horizon)
        await cache.close()

    asyncio.run(forget())
