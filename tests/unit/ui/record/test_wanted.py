from datetime import UTC, datetime

import pytest

from tests.fakes.record import make_record
from ui.address import Address
from ui.record.wanted import WantedRecord, window_start

NOON = datetime(2022, 10, 11, 12, tzinfo=UTC)


def wanted(query: str) -> WantedRecord:
    return WantedRecord.of(Address.parse(query), horizon=1)


def test_address_names_the_record_and_is_written_back():
    found = wanted("symbol=ETH%2FUSDT&window=7d&horizon=4&tf=1h&model=m1")
    choice = make_record(horizon=4, model_id="m1")

    assert (found.symbol, found.window, found.horizon, found.timeframe, found.model) == (
        "ETH/USDT",
        "7d",
        4,
        "1h",
        "m1",
    )
    assert wanted(found.query(choice)) == found


@pytest.mark.parametrize("query", ["window=5d", "horizon=0", "horizon=97", "horizon=x", "model=%00"])
def test_nonsense_in_the_address_counts_as_absent(query):
    assert wanted(query) == wanted("")


def test_choice_is_what_fits_best_and_a_champion_before_others():
    old = make_record(model_id="old", champion=False, n=900)
    now, far = make_record(model_id="now"), make_record(model_id="far", horizon=4)
    records = [old, far, now]

    assert wanted("").choose(records) == now
    assert wanted("tf=4h").choose(records) == now
    assert wanted("horizon=4").choose(records) == far
    assert wanted("model=old").choose(records) == old
    assert wanted("model=gone").choose(records) == now
    assert wanted("").choose([]) is None


def test_window_begins_with_a_whole_day():
    assert window_start("7d", NOON) == datetime(2022, 10, 4, tzinfo=UTC)
    assert window_start("all", NOON) is None
