"""What does the HTTP API read by itself? Put together here, from settings."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from candlecast.alerts.book import AlertBook, AlertLimits
from candlecast.alerts.channels import read_channels
from candlecast.bootstrap import Market, followed_symbols, open_cache, open_database, open_market, open_venues
from candlecast.clock import Clock
from candlecast.forecasts.board import ForecastBoard
from candlecast.forecasts.known import KnownForecasts
from candlecast.market.indicators import IndicatorReader
from candlecast.market.prices import PriceReader, PriceSources
from candlecast.market.reader import MarketReader
from candlecast.market.running import RunningCandles
from candlecast.model_desk import ModelDesk
from candlecast.news.reader import NewsReader
from candlecast.readiness import ReadinessProbe, Watched
from candlecast.record.reader import RecordReader
from candlecast.registry import Registry
from candlecast.settings import Settings
from candlecast.stack_figures import StackFigures
from candlecast.storage.cache import Cache
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.closes import CloseStore
from candlecast.storage.postgres.drift import DriftStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.sessions import SessionStore


@dataclass(frozen=True, slots=True)
class Reading:
    """The readers behind the routes, over one database and one cache."""

    reader: MarketReader
    readiness: ReadinessProbe
    prices: PriceReader
    forecasts: KnownForecasts
    news: NewsReader
    feeds: FeedStates | None
    cache: Cache
    clock: Clock
    indicators: IndicatorReader
    running: RunningCandles
    models: ModelDesk
    sessions: SessionStore
    alerts: AlertBook
    record: RecordReader
    stack: StackFigures


def open_reading(settings: Settings) -> Reading:
    """Open what answers symbols, candles, prices, known forecasts, news and readiness."""
    market, database, cache = open_market(settings), open_database(settings), open_cache(settings)
    followed, models = followed_symbols(market, database), ModelStore(database)
    clock, timeframe = market.clock, market.settings.timeframe
    symbols = {name: symbol for name, (symbol, _) in followed.items()}
    reader = MarketReader(symbols=followed, timeframe=timeframe, clock=clock, candles=CandleStore(database))
    sources = PriceSources(cache, fetch_price=open_venues(settings).fetch_price, closes=CloseStore(database))
    feeds = FeedStates(_link(settings)) if settings.news.enabled else None
    watched = Watched(models=models, cache=cache, feeds=feeds, drift=DriftStore(database))
    return Reading(
        reader=reader,
        readiness=ReadinessProbe(market=market.settings, clock=clock, reader=reader, watched=watched),
        prices=PriceReader(symbols=symbols, timeframe=timeframe, clock=clock, sources=sources),
        forecasts=KnownForecasts(
            board=ForecastBoard(clock=clock, symbols=symbols), cache=cache, champion_ids=models.champion_ids
        ),
        news=NewsReader(symbols=followed, clock=clock, database=database, engine=settings.sentiment.engine),
        feeds=feeds,
        cache=cache,
        clock=clock,
        running=RunningCandles(symbols=symbols, timeframe=timeframe, clock=clock, cache=cache),
        indicators=IndicatorReader(reader=reader),
        models=ModelDesk(
            database,
            registry=Registry(models, settings.models.folder),
            clock=clock,
            followed=(timeframe, market.settings.horizon),
        ),
        sessions=SessionStore(_link(settings)),
        alerts=AlertBook(
            symbols=followed, timeframe=timeframe, clock=clock, database=database, limits=_alert_limits(settings)
        ),
        record=RecordReader(database, clock=clock, symbols=symbols),
        stack=StackFigures(database, link=_link(settings), clock=clock, timeframe=timeframe),
    )


def _link(settings: Settings) -> RedisLink:
    return RedisLink(settings.redis.url.get_secret_value())


def _alert_limits(settings: Settings) -> AlertLimits:
    names = read_channels(settings.alerts.channels.get_secret_value())
    return AlertLimits(channels=tuple(names), max_rules=settings.alerts.max_rules)


def tell_promoted(settings: Settings, market: Market, promoted: ModelRecord) -> None:
    """Do `publish_promoted` from a program that has no event loop of its own."""

    async def tell() -> None:
        cache = open_cache(settings)
        await publish_promoted(cache, [symbol.name for symbol in market.symbols], promoted)
        await cache.close()

    asyncio.run(tell())


async def publish_promoted(cache: Cache, symbols: Sequence[str], promoted: ModelRecord) -> None:
    """Drop the cached forecasts of the model that was promoted before, and tell all replicas."""
    await cache.forget_forecasts(symbols, promoted.timeframe, promoted.horizon)
    event = {"timeframe": promoted.timeframe, "horizon": promoted.horizon, "model_id": promoted.id}
    await cache.publish("models", event)
