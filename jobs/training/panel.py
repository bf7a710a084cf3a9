"""Which candles are there to learn from?"""

from datetime import datetime

import pandas as pd

from candlecast.bootstrap import Market
from candlecast.errors import InsufficientHistoryError
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.symbols import SymbolStore


def read_panel(market: Market, database: Database, *, until: datetime | None = None) -> dict[str, pd.DataFrame]:
    """Read all stored candles of the followed symbols as of `until`, else the market time.

    Raises
    ------
    InsufficientHistoryError
        When nothing is stored for any of them.
    """
    store, ids = CandleStore(database), SymbolStore(database).ensure(market.symbols)
    until, timeframe = until or market.clock.now(), market.settings.timeframe
    panel = {name: store.read(symbol_id, timeframe, until=until) for name, symbol_id in ids.items()}
    return stored(panel, timeframe=timeframe)


def stored(panel: dict[str, pd.DataFrame], *, timeframe: str) -> dict[str, pd.DataFrame]:
    """Return the symbols of `panel` that have candles.

    Raises
    ------
    InsufficientHistoryError
        When none has.
    """
    found = {name: candles for name, candles in panel.items() if len(candles)}
    if not found:
        raise InsufficientHistoryError(
            f"no {timeframe} candle of {', '.join(panel)} is stored; run `candlecast backfill` first"
        )
    return found
