import numpy as np
import pandas as pd
import pytest

from candlecast.features.market import MarketReturns
from candlecast.features.newest import NewestColumns
from candlecast.features.table import FEATURE_NAMES, WARM_UP_CANDLES, build_features
from candlecast.market.calendars import to_microseconds
from candlecast.market.series import arrays_of
from candlecast.sentiment.aggregate import Stories
from tests.builders import make_candles, make_stories

NAMES = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
PANEL = {
    name: make_candles(WARM_UP_CANDLES + 40, seed=seed, symbol=name).iloc[-WARM_UP_CANDLES:]
    for seed, name in enumerate(NAMES)
}


def unknown_volume(candles: pd.DataFrame) -> pd.DataFrame:
    return candles.assign(volume=np.where(np.arange(len(candles)) % 7 == 0, np.nan, candles["volume"]))


def still(candles: pd.DataFrame) -> pd.DataFrame:
    last = candles["close"].iloc[-200]
    changed = candles.copy()
    changed.loc[changed.index[-200:], ["open", "high", "low", "close"]] = last
    changed.loc[changed.index[-30:], "volume"] = 0.0
    return changed


def tiny(candles: pd.DataFrame) -> pd.DataFrame:
    return candles.assign(**{name: candles[name] * 1e-7 for name in ("open", "high", "low", "close")})


def newest_of(panel: dict[str, pd.DataFrame]) -> NewestColumns:
    known = [arrays_of(candles) for candles in panel.values()]
    return NewestColumns.of(
        np.stack([one.values for one in known], axis=1),
        open_us=np.array([one.open_us[-1] for one in known]),
        close_us=np.array([one.close_us[-1] for one in known]),
    )


@pytest.mark.parametrize("change", [lambda candles: candles, unknown_volume, still, tiny])
def test_newest_rows_equal_the_last_of_build_features_bit_for_bit(change):
    panel = {name: change(candles) for name, candles in PANEL.items()}
    market = MarketReturns.of(panel)

    found = newest_of(panel).rows(range(3), market=market)

    for row, candles in zip(found, panel.values(), strict=True):
        reference = build_features(candles, market=market).iloc[-1]
        different = [name for name, ours in zip(FEATURE_NAMES, row, strict=True) if not same(ours, reference[name])]
        assert different == []


def same(ours: float, theirs: float) -> bool:
    return ours == theirs or (np.isnan(ours) and np.isnan(theirs))


def test_newest_rows_with_news_hold_those_of_each_symbol():
    stories = {name: make_stories(candles) for name, candles in PANEL.items()}
    told = [stories["SOL/USDT"], Stories.none()]

    found = newest_of(PANEL).rows([2, 0], market=None, news=told)

    for row, name, news in zip(found, ("SOL/USDT", "BTC/USDT"), told, strict=True):
        np.testing.assert_array_equal(row, build_features(PANEL[name], news).iloc[-1].to_numpy())


def test_newest_rows_of_a_symbol_do_not_depend_on_the_others():
    alone = newest_of({"ETH/USDT": PANEL["ETH/USDT"]}).rows([0], market=None)

    np.testing.assert_array_equal(newest_of(PANEL).rows([1], market=None), alone)


def test_arrays_of_a_frame_keep_times_and_values():
    found = arrays_of(PANEL["BTC/USDT"])

    np.testing.assert_array_equal(found.close_us, to_microseconds(pd.DatetimeIndex(PANEL["BTC/USDT"]["close_time"])))
    np.testing.assert_array_equal(found.values[3], PANEL["BTC/USDT"]["close"].to_numpy())
    assert found.newest(3).values.shape == (5, 3)
    assert len(found.until(int(found.close_us[9]))) == 10
