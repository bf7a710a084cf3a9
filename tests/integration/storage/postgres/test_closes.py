from datetime import timedelta

from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.closes import CloseStore, StoredClose
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START, make_rows

HOUR = timedelta(hours=1)


def test_newest_closes_of_many_symbols_come_from_one_query(database):
    ids = SymbolStore(database).ensure([Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT", "OLD/USDT")])
    store = CandleStore(database)
    for name, start in (("BTC/USDT", START), ("ETH/USDT", START + 2 * HOUR), ("OLD/USDT", START - 60 * 24 * HOUR)):
        store.upsert(ids[name], "1h", make_rows(4, start=start), source="binance", quality="rest", known_at=START)

    closes = CloseStore(database).newest([*list(ids), "NEW/USDT"], "1h", until=START + 3 * HOUR)

    assert closes == {
        "BTC/USDT": StoredClose(START + 3 * HOUR, 103.0, "binance"),
        "ETH/USDT": StoredClose(START + 3 * HOUR, 101.0, "binance"),
    }
