from concurrent.futures import ThreadPoolExecutor

from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.symbols import SymbolStore

PAIR, STOCK = Symbol.parse("BTC/USDT"), Symbol.parse("AAPL")


def test_symbols_ensured_twice_keep_their_numbers(database):
    store = SymbolStore(database)

    first = store.ensure([PAIR, STOCK, PAIR])

    assert store.ensure([STOCK, PAIR]) == first
    assert store.all() == {STOCK: first["AAPL"], PAIR: first["BTC/USDT"]}


def test_symbol_that_moved_to_another_venue_is_updated(database):
    store = SymbolStore(database)
    number = store.ensure([PAIR])["BTC/USDT"]
    moved = Symbol("BTC/USDT", "crypto", "kraken", "24/7")

    assert store.ensure([moved]) == {"BTC/USDT": number}
    assert list(store.all()) == [moved]


def test_no_symbols_ensured_return_no_numbers(database):
    assert SymbolStore(database).ensure([]) == {}


def test_symbols_ensured_by_four_at_once_are_stored_once(database):
    store = SymbolStore(database)
    orders = [[PAIR, STOCK], [STOCK, PAIR]] * 2

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(store.ensure, orders))

    assert found == [found[0]] * 4
