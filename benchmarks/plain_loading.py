"""The plain way to load history: ccxt page by page, pandas' ``to_sql``. Nothing is checked, nothing is parallel."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import ccxt
import pandas as pd
import sqlalchemy

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.timeframes import timeframe_s

PAGE_CANDLES = 1_000


def load_plainly(
    venue_url: str, database_url: str, names: Sequence[str], *, timeframe: str, start: datetime, end: datetime
) -> None:
    """Append the candles of `names` that open from `start` and close by `end` to ``ohlcv_table``."""
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}
    exchange = ccxt.binance({"enableRateLimit": False, "options": options})
    exchange.urls["api"]["public"] = f"{venue_url}/api/v3"
    engine = sqlalchemy.create_engine(database_url.replace("postgresql://", "postgresql+psycopg2://"))
    numbers = pd.read_sql("SELECT symbol, id FROM symbols", engine).set_index("symbol")["id"]
    for name in names:
        candles = _fetch(exchange, name, timeframe, start)
        candles = candles[candles["close_time"] <= end]
        rows = candles.assign(symbol_id=numbers[name], timeframe=timeframe, source="binance", quality="rest")
        # rows as a list of parameters: `method="multi"` took four times as long
        rows.to_sql("ohlcv_table", engine, if_exists="append", index=False)
    engine.dispose()


def _fetch(exchange: ccxt.binance, name: str, timeframe: str, start: datetime) -> pd.DataFrame:
    since_ms = int(start.timestamp() * 1_000)
    rows = page = exchange.fetch_ohlcv(name, timeframe, since=since_ms, limit=PAGE_CANDLES)
    while len(page) == PAGE_CANDLES:
        page = exchange.fetch_ohlcv(name, timeframe, since=page[-1][0] + 1, limit=PAGE_CANDLES)
        rows = rows + page
    frame = pd.DataFrame(rows, columns=["open_time", *PRICE_COLUMNS])
    frame["open_time"] = pd.to_datetime(frame["open_time"], unit="ms", utc=True)
    frame["close_time"] = frame["open_time"] + timedelta(seconds=timeframe_s(timeframe))
    return frame.assign(known_at=frame["close_time"])
