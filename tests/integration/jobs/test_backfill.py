"""Is a span whole after a backfill, whatever was stored before, and is bad input refused before anything is written?"""

import shlex
from collections.abc import Iterator
from datetime import datetime

import pytest
import ray

from candlecast.bootstrap import open_market
from candlecast.errors import UnknownSymbolError
from candlecast.ingest.loader import Span
from candlecast.replay.recordings import Recording
from candlecast.settings import RedisSettings, Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.symbols import SymbolStore
from cluster.environment import settings_environment
from jobs.backfill import app
from jobs.backfill_driver import Filled, fill
from jobs.entry import run_command
from tests.builders import make_small_recording
from tests.integration.conftest import as_owner
from tests.integration.world import HOUR, market_at

PAIRS = ["BTC/USDT", "ETH/USDT"]


@pytest.fixture(scope="module")
def recording() -> Recording:
    # two blocks of 10,000 candles and a part of a third
    return make_small_recording(PAIRS, 21_000, gap_share=0.0005)


@pytest.fixture
def settings(ray_head, database, postgres, recording, tmp_path) -> Iterator[Settings]:
    with market_at(recording.end - HOUR / 2, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        yield settings.model_copy(update={"cluster": ray_head})


def backfill(settings: Settings, start: datetime, end: datetime) -> Filled:
    return fill(settings, open_market(settings), Span(start, end), say=print)


def stored(database, symbol: str) -> list[datetime]:
    [number] = [number for known, number in SymbolStore(database).all().items() if known.name == symbol]
    return list(CandleStore(database).open_times(number, "1h"))


def recorded(recording: Recording, symbol: str, start: datetime, end: datetime) -> list[datetime]:
    candles = recording.series[symbol].candles
    return list(candles.loc[(candles["open_time"] >= start) & (candles["close_time"] <= end), "open_time"])


def test_backfill_of_an_empty_database_stores_the_whole_span_and_lists_what_no_venue_has(settings, database, recording):
    start, end = recording.start + HOUR, recording.end - 10 * HOUR

    filled = backfill(settings, start, end)

    for symbol in PAIRS:
        assert stored(database, symbol) == recorded(recording, symbol, start, end)
    n_gone = sum(gap.hole.n_candles for gap in GapStore(database).list("1h", "outage"))
    assert n_gone == sum(settled.n_outage for settled in filled.settled) > 0
    assert GapStore(database).list("1h", "open") == []
    assert len(filled.chunks) == 6


def test_backfill_run_again_asks_for_nothing(settings, recording):
    start, end = recording.start + HOUR, recording.end - 10 * HOUR
    backfill(settings, start, end)

    again = backfill(settings, start, end)

    assert again == Filled((), ())


def test_backfill_of_a_torn_series_stores_what_is_missing_and_nothing_else(settings, database, postgres, recording):
    start, end = recording.start, recording.start + 3_000 * HOUR
    backfill(settings, start, end)
    torn = [f"DELETE FROM ohlcv_table WHERE open_time BETWEEN '{start + 700 * HOUR}' AND '{start + 1_800 * HOUR}'"]
    as_owner(postgres, *torn)

    filled = backfill(settings, start, end)

    for symbol in PAIRS:
        assert stored(database, symbol) == recorded(recording, symbol, start, end)
    lost = [recorded(recording, pair, start + 700 * HOUR, start + 1_801 * HOUR) for pair in PAIRS]
    assert sum(chunk.n_stored for chunk in filled.chunks) == sum(len(opens) for opens in lost)


def test_two_backfills_at_a_time_store_each_candle_once(settings, database, recording, valkey):
    settings = settings.model_copy(update={"redis": RedisSettings(url=valkey.url)})
    start, end = recording.start, recording.start + 5_000 * HOUR

    @ray.remote(num_cpus=0)
    def other() -> int:
        return sum(chunk.n_stored for chunk in backfill(settings, start, end).chunks)

    running = other.remote()
    here = sum(chunk.n_stored for chunk in backfill(settings, start, end).chunks)

    n_recorded = sum(len(recorded(recording, symbol, start, end)) for symbol in PAIRS)
    assert ray.get(running) + here == n_recorded
    assert sum(len(stored(database, symbol)) for symbol in PAIRS) == n_recorded


def test_backfill_of_a_symbol_that_nobody_trades_names_the_near_ones_and_writes_nothing(settings, database, recording):
    market = settings.market.model_copy(update={"symbols": "BTC/USDT,ETJ/USDT"})
    wrong = settings.model_copy(update={"market": market})

    with pytest.raises(UnknownSymbolError, match="ETH/USDT"):
        backfill(wrong, recording.start, recording.end)

    assert SymbolStore(database).all() == {}


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ("--since 2024-03-01 --until 2024-01-01", "--since must be before"),
        ("--since yesterday", "--since must be a date or a time as 2024-01-31"),
        ("--timeframe 1hr", "did you mean 1h?"),
        ("--symbols BTCUSD", "did you mean BTC/USD"),
        ("--symbols ETJ/USDT", "ETH/USDT"),
        ("--symbols @{folder}/gone.csv", "gone.csv cannot be read"),
        ("--symbols @{folder}/wrong.csv", "must have a column 'symbol'"),
    ],
)
def test_backfill_command_with_bad_input_says_so_in_one_line(
    settings, database, tmp_path, monkeypatch, capsys, flags, says
):
    (tmp_path / "wrong.csv").write_text("pair,venue\nBTC/USDT,binance\n")
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["backfill", *shlex.split(flags.format(folder=tmp_path))])

    with pytest.raises(SystemExit) as ended:
        run_command(app)

    said = capsys.readouterr().err.strip().splitlines()
    assert ended.value.code == 2
    assert said[-1].startswith("candlecast: ")
    assert says in said[-1]
    assert SymbolStore(database).all() == {}
