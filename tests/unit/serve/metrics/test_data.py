from datetime import UTC, datetime, timedelta

from candlecast.storage.postgres.newest_candles import NewestCandle
from candlecast.storage.postgres.use import JobTally
from serve.metrics.data import CandleAges, JobFigures
from tests.unit.serve.metrics.lines import lines_of

NOW = datetime(2024, 1, 31, 12, tzinfo=UTC)


def test_age_of_a_candle_counts_from_its_close_and_names_its_source():
    candle = NewestCandle(NOW - timedelta(hours=2), NOW - timedelta(hours=1), "kraken", "failover")

    lines = lines_of(CandleAges({"BTC/USDT": candle}, late=["BTC/USDT"], now=NOW))

    labels = 'quality="failover",source="kraken",symbol="BTC/USDT"'
    assert f"candlecast_data_age_seconds{{{labels}}} 3600.0" in lines
    assert {"candlecast_symbols 1.0", "candlecast_symbols_late 1.0"} <= set(lines)


def test_jobs_are_told_by_state_with_the_time_of_the_newest():
    lines = lines_of(JobFigures([JobTally("verify", "succeeded", 3, NOW)]))

    assert 'candlecast_job_runs{state="succeeded",verb="verify"} 3.0' in lines
    [newest] = [line for line in lines if line.startswith("candlecast_job_newest_timestamp_seconds{")]
    assert float(newest.split()[-1]) == NOW.timestamp()
