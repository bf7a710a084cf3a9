from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.market.calendars import close_times, expected_open_times, to_times
from candlecast.market.candles import TIME_DTYPE
from candlecast.market.resampling import coarser_timeframes, covered_until, merged, resample, slot_opens
from candlecast.market.series_store import wire_candles

START = datetime(2022, 3, 1, 5, tzinfo=UTC)
RULES = {"1m": "1min", "5m": "5min", "15m": "15min", "1h": "1h", "4h": "4h", "1d": "24h"}


def random_candles(opens, *, timeframe, calendar="24/7", seed=3, missing_share=0.0):
    rng = np.random.default_rng(seed)
    opens = opens[rng.random(len(opens)) >= missing_share]
    opened, closed = rng.uniform(90, 110, (2, len(opens)))
    frame = pd.DataFrame(
        {
            "open_time": opens.astype(TIME_DTYPE),
            "close_time": close_times(opens, timeframe=timeframe, calendar=calendar),
            "open": opened,
            "high": np.maximum(opened, closed) + rng.random(len(opens)),
            "low": np.minimum(opened, closed) - rng.random(len(opens)),
            "close": closed,
            "volume": np.where(rng.random(len(opens)) < 0.002, np.nan, rng.uniform(0, 9, len(opens))),
            "source": "binance",
            "quality": "stream",
        }
    )
    return frame.assign(known_at=frame["close_time"])


def by_pandas(candles, *, coarser, n_parts):
    groups = candles.set_index("open_time").resample(RULES[coarser], origin="epoch")
    found = groups.agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    counts = groups["close"].count()
    known = groups["volume"].count() == counts
    found["volume"] = found["volume"].where(known)
    return found[counts == n_parts]


@pytest.mark.parametrize(
    ("timeframe", "coarser", "n_parts"),
    [("1h", "4h", 4), ("1h", "1d", 24), ("1m", "5m", 5), ("1m", "1h", 60), ("15m", "1d", 96), ("4h", "1d", 6)],
)
@pytest.mark.parametrize("missing_share", [0.0, 0.02])
def test_coarser_candles_of_random_ones_are_those_of_pandas(timeframe, coarser, n_parts, missing_share):
    length = timedelta(minutes={"1m": 1, "15m": 15, "1h": 60, "4h": 240}[timeframe])
    opens = expected_open_times(START, START + 3_000 * length, timeframe=timeframe, calendar="24/7")
    candles = random_candles(opens, timeframe=timeframe, missing_share=missing_share)

    made = resample(candles, timeframe=timeframe, coarser=coarser, calendar="24/7")

    wanted = by_pandas(candles, coarser=coarser, n_parts=n_parts)
    columns = ["open", "high", "low", "close", "volume"]
    assert len(made) > 0
    assert list(made["open_time"]) == list(wanted.index)
    np.testing.assert_allclose(made[columns], wanted[columns], rtol=1e-12)


def test_coarser_candles_close_with_their_last_part_and_are_known_with_it():
    opens = expected_open_times(START, START + timedelta(hours=30), timeframe="1h", calendar="24/7")

    made = resample(random_candles(opens, timeframe="1h"), timeframe="1h", coarser="4h", calendar="24/7")

    assert made["open_time"].iloc[0] == pd.Timestamp("2022-03-01T08:00Z")
    assert (made["close_time"] == made["open_time"] + pd.Timedelta(hours=4)).all()
    assert (made["known_at"] == made["close_time"]).all()


def test_day_of_a_stock_is_its_session_also_when_it_is_short():
    # 25 November 2022 ended at 13:00 in New York
    start, end = datetime(2022, 11, 23, tzinfo=UTC), datetime(2022, 11, 29, tzinfo=UTC)
    opens = expected_open_times(start, end, timeframe="1h", calendar="XNYS")
    candles = random_candles(opens, timeframe="1h", calendar="XNYS")

    days = resample(candles, timeframe="1h", coarser="1d", calendar="XNYS")
    slots = resample(candles, timeframe="1h", coarser="4h", calendar="XNYS")

    assert list(days["open_time"].dt.day) == [23, 25, 28]
    assert list((days["close_time"] - days["open_time"]) / pd.Timedelta(hours=1)) == [6.5, 3.5, 6.5]
    assert days["high"].tolist() == candles.groupby(candles["open_time"].dt.day)["high"].max().tolist()
    assert list(slots["open_time"].dt.strftime("%d %H:%M")) == [
        "23 14:30",
        "23 18:30",
        "25 14:30",
        "28 14:30",
        "28 18:30",
    ]


def test_day_with_a_hole_has_no_candle():
    opens = expected_open_times(START, START + timedelta(days=4), timeframe="1h", calendar="24/7")
    candles = random_candles(opens, timeframe="1h").drop(index=30)

    days = resample(candles, timeframe="1h", coarser="1d", calendar="24/7")

    assert list(days["open_time"].dt.day) == [3, 4]


def test_coarser_candle_is_as_good_as_its_worst_part_and_names_all_sources():
    opens = expected_open_times(START, START + timedelta(hours=7), timeframe="1h", calendar="24/7")
    candles = random_candles(opens, timeframe="1h")
    candles.loc[4, ["source", "quality"]] = ["kraken:USD", "failover"]

    made = resample(candles, timeframe="1h", coarser="4h", calendar="24/7")

    assert made[["source", "quality"]].values.tolist() == [["binance+kraken:USD", "failover"]]


def test_no_candles_make_no_candles():
    none = random_candles(to_times(np.array([], dtype=np.int64)), timeframe="1h")

    assert resample(none, timeframe="1h", coarser="1d", calendar="24/7").empty


def test_slot_outside_of_every_session_has_no_open():
    sunday = pd.DatetimeIndex(["2022-11-27T15:00Z"])

    assert slot_opens(sunday, timeframe="4h", calendar="XNYS").isna().all()


def test_slots_are_covered_when_their_last_part_has_closed():
    opens = expected_open_times(START, START + timedelta(hours=8), timeframe="1h", calendar="24/7")

    covered = covered_until(random_candles(opens, timeframe="1h"), coarser="4h", calendar="24/7")

    assert list(to_times(covered).hour) == [4, 8]


def test_running_candle_is_made_of_all_its_parts_or_not_at_all():
    opens = expected_open_times(START.replace(hour=8), START.replace(hour=11), timeframe="1h", calendar="24/7")
    parts = wire_candles(random_candles(opens, timeframe="1h"))
    slot = {"open_time": pd.Timestamp("2022-03-01T08:00Z"), "close_time": pd.Timestamp("2022-03-01T12:00Z")}

    made = merged(parts, **slot)

    assert (made.open, made.close, made.quality) == (parts[0].open, parts[2].close, "partial")
    assert made.high == max(part.high for part in parts)
    assert merged(parts[1:], **slot) is None
    assert merged([parts[0], parts[2]], **slot) is None
    assert merged([], **slot) is None


@pytest.mark.parametrize(
    ("timeframe", "names"), [("1h", ["1h", "4h", "1d"]), ("1d", ["1d"]), ("5m", ["5m", "15m", "1h", "4h", "1d"])]
)
def test_coarser_timeframes_are_the_whole_multiples(timeframe, names):
    assert coarser_timeframes(timeframe) == names
