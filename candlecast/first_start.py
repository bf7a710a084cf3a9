"""Does a stack still need history and a first model, or does it go on from what it has?"""

from datetime import timedelta

from candlecast.bootstrap import open_database, open_market
from candlecast.market.timeframes import timeframe_s
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.models import ModelStore

# what an ingest actor catches up with by itself before it follows: one answer of a venue
CATCHES_UP_CANDLES = 500


def begun_before(settings: Settings) -> bool:
    """Tell whether a model is promoted, and every followed symbol has candles that ingestion can go on from.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe and horizon; the database.

    Raises
    ------
    StorageError
        When the database does not answer.
    SourceError
        When the replay server of the settings does not answer.
    """
    market, database = open_market(settings), open_database(settings)
    try:
        timeframe = market.settings.timeframe
        if ModelStore(database).champion(timeframe, market.settings.horizon) is None:
            return False
        now = market.clock.now()
        names = {symbol.name for symbol in market.symbols}
        newest = CandleStore(database).newest(timeframe, until=now, symbols=sorted(names))
        since = now - timedelta(seconds=CATCHES_UP_CANDLES * timeframe_s(timeframe))
        return {name for name, candle in newest.items() if candle.open_time >= since} >= names
    finally:
        database.close()
