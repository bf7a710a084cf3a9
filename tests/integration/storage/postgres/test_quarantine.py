import numpy as np
import pandas as pd

from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START, make_rows


def test_refused_rows_seen_again_are_kept_once(database):
    symbol_id = SymbolStore(database).ensure([Symbol.parse("BTC/USDT")])["BTC/USDT"]
    store = QuarantineStore(database)
    refused = make_rows(2, reason="high below close", high=np.nan)
    refused.loc[1, "open_time"] = pd.NaT

    first = store.add(symbol_id, "1h", refused, source="binance", seen_at=START)
    again = store.add(symbol_id, "1h", refused, source="binance", seen_at=START)

    assert (first, again) == (2, 0)
    with database.transaction() as cursor:
        cursor.execute("SELECT open_time, high, close, reason FROM quarantine ORDER BY id")
        assert cursor.fetchall() == [(START, None, 101.0, "high below close"), (None, None, 102.0, "high below close")]


def test_no_refused_rows_are_no_statement(database):
    empty = make_rows(0, reason=pd.Series(dtype="str"))

    assert QuarantineStore(database).add(1, "1h", empty, source="binance", seen_at=START) == 0
