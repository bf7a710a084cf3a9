from datetime import timedelta

import pytest

from candlecast.errors import StorageError
from candlecast.market.gaps import Hole
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START

HOUR = timedelta(hours=1)
SPAN = (START, START + 100 * HOUR)
NOW = START + 200 * HOUR
LATER = NOW + HOUR


def make_hole(first: int, last: int) -> Hole:
    """Return the hole from hour `first` to hour `last`."""
    return Hole(START + first * HOUR, START + last * HOUR, last - first)


@pytest.fixture
def store(database):
    return GapStore(database)


@pytest.fixture
def symbol_id(database):
    return SymbolStore(database).ensure([Symbol.parse("BTC/USDT")])["BTC/USDT"]


def _record(store, symbol_id, *holes, span=SPAN, noticed_at=NOW):
    return store.record(symbol_id, "1h", holes, span=span, noticed_at=noticed_at)


def test_new_holes_are_recorded_as_open(store, symbol_id):
    found = _record(store, symbol_id, make_hole(1, 3), make_hole(7, 8))

    assert store.list() == found
    assert [(gap.hole, gap.status, gap.symbol, gap.noticed_at) for gap in found] == [
        (make_hole(1, 3), "open", "BTC/USDT", NOW),
        (make_hole(7, 8), "open", "BTC/USDT", NOW),
    ]


def test_holes_recorded_again_change_nothing(store, symbol_id):
    first = _record(store, symbol_id, make_hole(1, 3))

    assert _record(store, symbol_id, make_hole(1, 3), noticed_at=LATER) == first


def test_filled_hole_is_repaired_and_may_open_again(store, symbol_id):
    _record(store, symbol_id, make_hole(1, 3))

    assert _record(store, symbol_id, noticed_at=LATER) == []
    _record(store, symbol_id, make_hole(1, 3), noticed_at=LATER + HOUR)

    assert [(gap.status, gap.settled_at) for gap in store.list()] == [("repaired", LATER), ("open", None)]


def test_outage_that_falls_into_parts_stays_one(store, symbol_id):
    (gap,) = _record(store, symbol_id, make_hole(0, 10))
    store.mark_asked([gap.id], venue="binance", asked_at=NOW)
    store.mark_asked([gap.id], venue="kraken", asked_at=LATER)
    store.mark_asked([gap.id], venue="kraken", asked_at=LATER)

    assert store.mark_outage([gap.id], settled_at=LATER) == 1
    parts = _record(store, symbol_id, make_hole(0, 3), make_hole(5, 10))

    assert [part.hole for part in parts] == [make_hole(0, 3), make_hole(5, 10)]
    for part in parts:
        assert (part.status, part.settled_at, part.attempts) == ("outage", LATER, 3)
        assert part.venues_asked == ("binance", "kraken")


def test_gaps_that_grew_together_are_one_open_gap(store, symbol_id):
    old = _record(store, symbol_id, make_hole(1, 3), make_hole(5, 8))
    store.mark_outage([gap.id for gap in old], settled_at=NOW)

    (grown,) = _record(store, symbol_id, make_hole(1, 9), noticed_at=LATER)

    assert (grown.hole, grown.status, grown.noticed_at) == (make_hole(1, 9), "open", NOW)
    assert store.list() == [grown]


def test_gap_over_the_edge_of_the_span_stays_as_it_is(store, symbol_id):
    (gap,) = _record(store, symbol_id, make_hole(0, 10))
    span = (START + 5 * HOUR, SPAN[1])

    found = _record(store, symbol_id, make_hole(8, 10), make_hole(20, 21), span=span)

    assert [part.hole for part in found] == [gap.hole, make_hole(20, 21)]
    assert store.widen(symbol_id, "1h", *span) == SPAN


def test_gaps_of_other_series_are_left_alone(store, symbol_id, database):
    other = SymbolStore(database).ensure([Symbol.parse("ETH/USDT")])["ETH/USDT"]
    (kept,) = _record(store, other, make_hole(1, 3))
    (hourly,) = _record(store, symbol_id, make_hole(1, 3))
    store.record(symbol_id, "4h", [make_hole(0, 4)], span=SPAN, noticed_at=NOW)

    _record(store, symbol_id)

    assert store.list("1h", "open") == [kept]
    assert [gap.id for gap in store.list("1h", "repaired")] == [hourly.id]
    assert [gap.timeframe for gap in store.list(symbol_id=symbol_id, status="open")] == ["4h"]


def test_repaired_gap_is_no_longer_asked_for(store, symbol_id):
    (gap,) = _record(store, symbol_id, make_hole(1, 3))
    _record(store, symbol_id)

    store.mark_asked([gap.id], venue="kraken", asked_at=LATER)

    assert store.mark_outage([gap.id], settled_at=LATER) == 0
    assert [(gap.attempts, gap.status) for gap in store.list()] == [(0, "repaired")]


def test_gap_of_an_unknown_symbol_is_refused(store):
    with pytest.raises(StorageError, match="foreign key"):
        _record(store, 999, make_hole(1, 3))
