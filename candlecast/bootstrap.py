"""The composition root: turns settings into the objects that a process works with.

What takes seconds to import (models, pandas) is imported where it is opened: a stack starts
many processes, and each pays only for what it uses.
"""

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from candlecast.clock import Clock, SystemClock
from candlecast.errors import InvalidRequestError, StackError
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.market.venues.factory import check_venue, open_venue
from candlecast.replay.remote import fetch_clock, fetch_recording
from candlecast.settings import MarketSettings, Settings
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.symbols import SymbolStore
from candlecast.storage.rate_limits import RateLimits
from candlecast.storage.redis_link import RedisLink

if TYPE_CHECKING:
    from candlecast.forecasts.service import ForecastService
    from candlecast.ingest.services import IngestServices
    from candlecast.market.failover import VenueChain
    from candlecast.market.venues.protocol import Venue

LIVE_SYMBOLS = "BTC/USDT,ETH/USDT,SOL/USDT"
LIVE_TIMEFRAME = "1h"
# a few ingest actors, the API and a backfill ask the same venues
_SHARE_WITHOUT_REDIS = 0.2


@dataclass(frozen=True, slots=True)
class Market:
    """The market as one process sees it: its settings, its symbols, its time."""

    settings: MarketSettings
    symbols: tuple[Symbol, ...]
    clock: Clock


def open_market(settings: Settings) -> Market:
    """Return the resolved market and its clock; asks the replay server when one is configured."""
    market = resolve_market(settings)
    return Market(
        settings=market,
        symbols=tuple(parse_symbols(market.symbols, home=venue_order(market)[0])),
        clock=fetch_clock(settings.replay.url) if settings.replay.url else SystemClock(),
    )


def resolve_market(settings: Settings) -> MarketSettings:
    """Fill in symbols and timeframe that were left empty: the recording's, or the live defaults.

    Raises
    ------
    InvalidRequestError
        When a symbol or the timeframe is unknown, or the recording holds another timeframe.
    """
    market = settings.market
    symbols, timeframe = market.symbols, market.timeframe
    if timeframe:
        timeframe_s(timeframe)
    if settings.replay.url:
        recording = fetch_recording(settings.replay.url)
        symbols = symbols or ",".join(recording.symbols)
        timeframe = timeframe or recording.timeframe
        if timeframe != recording.timeframe:
            raise InvalidRequestError(
                f"timeframe {timeframe!r} is not in the recording, which holds {recording.timeframe}; "
                "leave --timeframe out or choose other data"
            )
    home = venue_order(market)[0]
    names = [symbol.name for symbol in parse_symbols(symbols or LIVE_SYMBOLS, home=home)]
    return market.model_copy(update={"symbols": ",".join(names), "timeframe": timeframe or LIVE_TIMEFRAME})


def parse_symbols(names: str, *, home: str) -> list[Symbol]:
    """Read a comma-separated list of symbols, dropping repetitions; crypto pairs are at home at the venue `home`.

    Raises
    ------
    InvalidRequestError
        When a name is not a symbol.
    """
    return [Symbol.parse(name, home=home) for name in dict.fromkeys(names.split(",")) if name.strip()]


def venue_order(market: MarketSettings) -> tuple[str, ...]:
    """Return the venues that are asked for a crypto pair, in their order.

    Raises
    ------
    InvalidRequestError
        When none is given, or one is unknown; names the near ones.
    """
    order = tuple(dict.fromkeys(name.strip().lower() for name in market.venues.split(",") if name.strip()))
    if not order:
        raise InvalidRequestError("market.venues must name at least one venue, was empty; as in binance,kraken,yahoo")
    for name in order:
        check_venue(name)
    return order


def open_venues(settings: Settings) -> "VenueChain":
    """Open all venues in their order; each is connected when it is first asked.

    Real venues are asked within the limits that all processes share; a stand-in has none.
    """
    from candlecast.market.failover import VenueChain

    limiter = None if settings.market.venue_url else open_rate_limits(settings, share=_SHARE_WITHOUT_REDIS)
    opener = partial(open_venue, market=settings.market, cache_folder=_cache_folder(), limiter=limiter)
    return VenueChain(
        venue_order(settings.market),
        open_venue=opener,
        blocked_s=settings.market.blocked_s,
        on_close=None if limiter is None else limiter.close,
    )


def open_probe_venue(settings: Settings) -> "Venue":
    """Open the venue that is asked whether live candles can be had."""
    return open_venue(venue_order(settings.market)[0], market=settings.market, cache_folder=_cache_folder())


def open_ingestion(settings: Settings) -> "IngestServices":
    """Open what loads, follows and repairs candles."""
    from candlecast.ingest.services import IngestServices

    market = open_market(settings)
    return IngestServices(
        timeframe=market.settings.timeframe,
        history_candles=settings.market.history_candles,
        stream=settings.market.stream,
        clock=market.clock,
        chain=open_venues(settings),
        database=open_database(settings),
        cache=open_cache(settings),
    )


def open_database(settings: Settings) -> Database:
    """Open a pool of connections for the application role.

    Raises
    ------
    StackError
        When no database is configured.
    """
    url = settings.database.url.get_secret_value()
    if not url:
        raise StackError(
            "no database is configured (CANDLECAST_DATABASE__URL is empty); start the stack with "
            '`candlecast run`, then eval "$(candlecast env)"'
        )
    return Database(url, pool_size=settings.database.pool_size)


def open_cache(settings: Settings) -> Cache:
    """Open the cache; an empty address gives one that misses always."""
    return Cache(settings.redis.url.get_secret_value())


def open_rate_limits(settings: Settings, *, share: float) -> RateLimits:
    """Open the limits that all processes share; `share` of each is left to this one while Redis is down."""
    return RateLimits(RedisLink(settings.redis.url.get_secret_value()), share=share)


def open_forecasts(settings: Settings) -> "ForecastService":
    """Open what makes, records and answers forecasts."""
    from candlecast.forecasts.batches import Batches, Desk
    from candlecast.forecasts.champions import Champions
    from candlecast.forecasts.maker import BatchMaker
    from candlecast.forecasts.news import ForecastNews
    from candlecast.forecasts.service import ForecastService
    from candlecast.forecasts.windows import SeriesWindows
    from candlecast.registry import Registry
    from candlecast.storage.postgres.candles import CandleStore
    from candlecast.storage.postgres.misses import MissStore
    from candlecast.storage.postgres.predictions import PredictionStore
    from candlecast.storage.postgres.series_reads import SeriesReads

    market, database = open_market(settings), open_database(settings)
    symbols, candles = followed_symbols(market, database), CandleStore(database)
    numbers = {name: number for name, (_, number) in symbols.items()}
    news = ForecastNews(database, engine=settings.sentiment.engine) if settings.news.enabled else None

    def open_desk(timeframe: str) -> Desk:
        windows = SeriesWindows(timeframe, numbers=numbers, reads=SeriesReads(database), candles=candles)
        return Desk(windows, BatchMaker(symbols=symbols, windows=windows, candles=candles, news=news))

    return ForecastService(
        symbols={name: symbol for name, (symbol, _) in symbols.items()},
        clock=market.clock,
        champions=Champions(Registry(ModelStore(database), settings.models.folder)),
        batches=Batches(
            symbols=symbols,
            clock=market.clock,
            open_desk=open_desk,
            record=PredictionStore(database),
            misses=MissStore(database),
        ),
    )


def followed_symbols(market: Market, database: Database) -> dict[str, tuple[Symbol, int]]:
    """Return the followed symbols and their database numbers, by name, in the order in which they were given.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    ids = SymbolStore(database).ensure(market.symbols)
    return {symbol.name: (symbol, ids[symbol.name]) for symbol in market.symbols}


def _cache_folder() -> Path:
    return Path(tempfile.gettempdir()) / "candlecast-venues"
