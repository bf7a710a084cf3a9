"""Is a bad tick refused, and a real move believed?"""

import pandas as pd
import pytest

from candlecast.market.jumps import find_jumps


def jumps(*closes: float, previous: float | None = None, timeframe: str = "1h", asset_class: str = "crypto"):
    rows = pd.DataFrame({"close": closes})
    before = {} if previous is None else {0: previous}
    return list(find_jumps(rows, timeframe=timeframe, asset_class=asset_class, previous_close=before))


def test_calm_closes_have_no_jump():
    assert jumps(100, 101, 99, 100, previous=100) == []


def test_single_bad_tick_is_found_and_the_return_is_not():
    assert jumps(100, 1_000, 101, 100) == [1]
    assert jumps(100, 1, 101, 100) == [1]


def test_move_that_stays_is_believed():
    assert jumps(100, 20, 21, 19) == []


def test_newest_candle_waits_for_its_confirmation():
    assert jumps(100, 99, 20) == [2]


def test_first_candle_is_judged_by_the_stored_close():
    assert jumps(1_000, previous=100) == [0]
    assert jumps(1_000) == []
    assert jumps(1_000, 1_010, previous=100) == []


@pytest.mark.parametrize(("timeframe", "asset_class"), [("1m", "crypto"), ("1d", "stock")])
def test_limit_depends_on_timeframe_and_asset_class(timeframe, asset_class):
    # a log return of 1.1: believable for an hour of crypto at most 1.0, for a day of it 2.0
    assert jumps(100, 300, timeframe="1d") == []
    assert jumps(100, 300, timeframe=timeframe, asset_class=asset_class) == [1]


def test_symbols_are_judged_apart():
    rows = pd.DataFrame({"symbol_id": [1, 1, 2, 2], "close": [100.0, 101.0, 1.0, 50.0]}, index=[7, 8, 9, 10])

    found = find_jumps(rows, timeframe="1h", asset_class="crypto", previous_close={1: 100.0, 2: 1.0})

    assert list(found) == [10]


def test_no_rows_have_no_jump():
    assert jumps() == []
