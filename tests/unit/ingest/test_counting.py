from datetime import UTC, datetime, timedelta

import pandas as pd

from candlecast.ingest.counting import count_taken
from candlecast.ingest.intake import Taken
from candlecast.storage.postgres.candle_writes import Written
from candlecast.telemetry.meters import METERS

CLOSE = datetime(2024, 1, 31, 12, tzinfo=UTC)


def value(name: str, **labels: str) -> float:
    return METERS.get_sample_value(name, labels) or 0.0


def taken(*known_after_s: float) -> Taken:
    closes = pd.DatetimeIndex([CLOSE - timedelta(hours=n) for n in range(len(known_after_s))]).as_unit("us")
    known = closes + pd.to_timedelta(known_after_s, unit="s")
    rows = pd.DataFrame({"close_time": closes, "known_at": known.as_unit("us"), "source": "sun", "quality": "rest"})
    return Taken(rows, n_rejected=1, written=Written(inserted=len(rows), revised=0, unchanged=0))


def test_write_is_counted_by_source_and_by_what_became_of_it():
    before = value("candlecast_candles_total", source="sun", quality="rest")
    rejected = value("candlecast_candle_writes_total", outcome="rejected")

    count_taken(taken(1.0, 1.0), now=CLOSE)

    assert value("candlecast_candles_total", source="sun", quality="rest") == before + 2
    assert value("candlecast_candle_writes_total", outcome="rejected") == rejected + 1


def test_lag_is_that_of_the_oldest_live_candle_and_history_has_none():
    before = value("candlecast_candle_lag_seconds_sum", source="sun")
    count = value("candlecast_candle_lag_seconds_count", source="sun")

    count_taken(taken(2.0, 0.0), now=CLOSE + timedelta(seconds=3))

    assert value("candlecast_candle_lag_seconds_sum", source="sun") == before + 3
    assert value("candlecast_candle_lag_seconds_count", source="sun") == count + 1
