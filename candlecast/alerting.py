"""What does the watch over the alert rules work with? Put together here, from settings."""

from collections.abc import Collection

from candlecast.alerts.channels import open_channels, read_channels
from candlecast.alerts.courier import Courier
from candlecast.alerts.readings import Readings, ReadingSources
from candlecast.alerts.watch import AlertWatch
from candlecast.bootstrap import followed_symbols, open_cache, open_database, open_market
from candlecast.market.reader import MarketReader
from candlecast.news.reader import NewsReader
from candlecast.schemas import Forecast
from candlecast.settings import Settings
from candlecast.storage.postgres.alert_deliveries import DeliveryStore
from candlecast.storage.postgres.alerts import AlertStore
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.closes import CloseStore
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore


def open_alerts(settings: Settings) -> AlertWatch:
    """Open the watch over the alert rules and the channels that it speaks to.

    Raises
    ------
    InvalidRequestError
        When the channels cannot be read; one that can never be spoken to stops no other.
    StorageError
        When the database does not answer.
    """
    channels = open_channels(read_channels(settings.alerts.channels.get_secret_value()))
    market, database, cache = open_market(settings), open_database(settings), open_cache(settings)
    followed, timeframe = followed_symbols(market, database), market.settings.timeframe
    models, ledger = ModelStore(database), PredictionStore(database)
    news = NewsReader(symbols=followed, clock=market.clock, database=database, engine=settings.sentiment.engine)

    def forecasts(symbols: Collection[str], horizon: int) -> dict[str, Forecast]:
        champion = models.champion(timeframe, horizon)
        if champion is None:
            return {}
        found = ledger.newest([(symbol, timeframe, horizon, champion.id) for symbol in symbols])
        return {forecast.symbol: forecast for forecast in found.values()}

    async def sentiment(symbol: str, window: str) -> float | None:
        return (await news.summary(symbol, window)).score

    deliveries = DeliveryStore(database)
    deliveries.forget_channels([channel.name for channel in channels])
    sources = ReadingSources(
        cache=cache,
        closes=CloseStore(database),
        reader=MarketReader(symbols=followed, timeframe=timeframe, clock=market.clock, candles=CandleStore(database)),
        forecasts=forecasts,
        sentiment=sentiment,
    )
    symbols = {name: symbol for name, (symbol, _) in followed.items()}
    return AlertWatch(
        store=AlertStore(database),
        readings=Readings(symbols=symbols, clock=market.clock, sources=sources),
        couriers=[Courier(channel, deliveries, max_per_hour=settings.alerts.max_per_hour) for channel in channels],
        cache=cache,
        interval_s=settings.alerts.interval_s,
        note="recorded data" if settings.replay.url else "",
    )
