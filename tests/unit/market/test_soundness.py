"""Does the quick look say the same as the whole validation?"""

from datetime import UTC, datetime
from itertools import product

import numpy as np
import pandas as pd
import pytest

from candlecast.market import validation
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.soundness import is_sound
from candlecast.market.symbols import Symbol
from tests.builders import make_candles

LATER = datetime(2030, 1, 1, tzinfo=UTC)
BTC = Symbol.parse("BTC/USDT")
SPOILS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-9, 1e9)


def sound(rows: pd.DataFrame, *, now: datetime = LATER) -> bool:
    return is_sound(rows, timeframe="1h", calendar="24/7", now=now)


def test_generated_candles_are_sound():
    assert sound(make_candles(50, gap_share=0.2))
    assert sound(pd.concat([make_candles(9, seed=seed).assign(symbol_id=seed) for seed in (1, 2)]))


def test_missing_volume_is_sound():
    candles = make_candles(5)
    candles.loc[2, "volume"] = np.nan

    assert sound(candles)


def test_quick_look_agrees_with_the_schema_on_every_spoilt_value(monkeypatch):
    spoilt = {}
    for number, (column, value) in enumerate(product(PRICE_COLUMNS, SPOILS)):
        spoilt[number] = make_candles(6).assign(symbol_id=number)
        spoilt[number].loc[3, column] = value
    monkeypatch.setattr(validation, "is_sound", lambda rows, **_: False)

    slow = validation.validate_candles(pd.concat(spoilt.values()), symbol=BTC, timeframe="1h", now=LATER)

    refused = slow.rejected[slow.rejected["reason"] != validation.JUMP]
    assert {number for number, candles in spoilt.items() if not sound(candles)} == set(refused["symbol_id"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.iloc[::-1],
        lambda c: pd.concat([c, c.tail(1)]),
        lambda c: c.assign(open_time=c["open_time"] + pd.Timedelta(minutes=1)),
        lambda c: c.assign(close=c["close"].astype("float32")),
        lambda c: c.assign(open_time=c["open_time"].dt.as_unit("ns")),
        lambda c: pd.concat([c.assign(symbol_id=2), c.assign(symbol_id=1)]),
    ],
    ids=["descending", "twice", "off grid", "other type", "other unit", "symbols descending"],
)
def test_rows_that_validation_would_change_are_not_sound(spoil):
    assert not sound(spoil(make_candles(6)))


def test_candle_that_closes_later_is_not_sound():
    candles = make_candles(3)

    assert not sound(candles, now=candles["open_time"][2].to_pydatetime())


def test_validation_gives_the_same_with_and_without_the_quick_look(monkeypatch):
    candles = pd.concat([make_candles(40, seed=seed, gap_share=0.1).assign(symbol_id=seed) for seed in (1, 2)])

    quick = validation.validate_candles(candles, symbol=BTC, timeframe="1h", now=LATER)
    monkeypatch.setattr(validation, "is_sound", lambda rows, **_: False)
    slow = validation.validate_candles(candles, symbol=BTC, timeframe="1h", now=LATER)

    pd.testing.assert_frame_equal(quick.candles, slow.candles)
    assert list(quick.rejected.columns) == list(slow.rejected.columns)
