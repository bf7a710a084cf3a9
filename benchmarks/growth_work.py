"""What is timed by `growth.py`: questions to a database of one size, and what happens there at a close."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg2
from capacity_world import SteppedClock, World, open_service, promote_model
from growth_world import END, STEP, TIMEFRAME, Size, prices

from candlecast.ingest.intake import Delivery, Intake, Origin, deliver
from candlecast.market.symbols import Symbol
from candlecast.record.settler import Settler
from candlecast.replay.synthetic import make_recording
from candlecast.storage.postgres.binary_copy import times_to_wire
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from candlecast.telemetry.meters import METERS

STAGES = ("candles", "features", "predict", "record")
SILENT = Symbol.parse("SILENT/USDT")
_FORGET = """
SET session_replication_role = replica;
TRUNCATE predictions_table, prediction_heads, outcomes_table, settling_marks, forecast_misses, model_metadata,
    track_record_days, track_record_levels, track_record_bins, drift_states, ohlcv_revisions CASCADE;
DELETE FROM ohlcv_table WHERE open_time >= %(end)s;
DELETE FROM symbols WHERE symbol = %(silent)s
"""
# every forecast of the newest close once more for each close before, settled
_BACK = """
INSERT INTO predictions_table (symbol_id, timeframe, horizon, as_of, model_id, made_at, target_time, {same}, row_hash)
SELECT symbol_id, timeframe, horizon, as_of - ago, model_id, made_at - ago, target_time - ago, {same},
    encode(sha256((row_hash || n)::bytea), 'hex')
FROM predictions_table, generate_series(1, %s) n, LATERAL (SELECT n * %s::interval AS ago) back;
INSERT INTO outcomes_table (prediction_id, settled_at, realised_close, realised_log_return, row_hash)
SELECT id, target_time, last_close, 0, row_hash FROM predictions_table WHERE target_time <= %s;
ANALYZE predictions_table, outcomes_table
"""
_SAME = """last_close, p_up, direction, abstain_reason, expected_log_return, expected_volatility, intervals, sentiment,
    drivers, coverage_recent, data_age_s, data_stale, data_source, features_digest, previous_hash"""


@dataclass(frozen=True, slots=True)
class Growth:
    """A database of one size and what asks it."""

    size: Size
    world: World
    owner_url: str

    @property
    def database(self) -> Database:
        """The application's connections."""
        return self.world.database

    @property
    def clock(self) -> SteppedClock:
        """Market time."""
        return self.world.clock


def open_growth(database: Database, owner_url: str, size: Size, folder: Path) -> Growth:
    """Return what asks `database`, after taking away what an earlier run wrote to it; trains a model."""
    _owner(owner_url, _FORGET, {"end": END, "silent": SILENT.name})
    numbers = SymbolStore(database).ensure(size.symbols)
    symbols = {symbol.name: (symbol, numbers[symbol.name]) for symbol in size.symbols}
    trained_on = make_recording(
        list(symbols)[:6], timeframe=TIMEFRAME, n_candles=4_000, seed=7, start=END - 4_000 * STEP
    )
    clock = SteppedClock(END + timedelta(seconds=2))
    world = World(trained_on, database, symbols, clock, folder)
    promote_model(world, timeframe=TIMEFRAME)
    return Growth(size, world, owner_url)


def time_closes(growth: Growth, *, n_closes: int, n_recorded: int) -> dict[str, float]:
    """Return seconds of what happens at a close, with `n_recorded` forecasts in the ledger before."""
    world, clock = growth.world, growth.clock
    service, settler = open_service(world), Settler(world.database, clock=clock, timeframe=TIMEFRAME)
    followed = {number: symbol for symbol, number in world.symbols.values()}
    intake = Intake(
        timeframe=TIMEFRAME, symbols=followed,
        candles=CandleStore(world.database), quarantine=QuarantineStore(world.database),
    )  # fmt: skip
    figures = {"first forecasts": seconds_of(lambda: service.renew(TIMEFRAME, dict.fromkeys(world.symbols, END)))}
    n_back = max(1, n_recorded // len(world.symbols))
    _owner(growth.owner_url, _BACK.format(same=_SAME), (n_back, STEP, clock.now()))
    settler.round()
    before, taken = _stage_sums(), {"candles of a close": [], "forecasts of a close": [], "settling a close": []}
    for _ in range(n_closes):
        clock.moment += STEP
        delivery = _delivery(growth)
        closes = dict.fromkeys(world.symbols, clock.now().replace(second=0))
        work: tuple[Callable[[], object], ...] = (
            lambda delivery=delivery: intake.take([delivery], now=clock.now()),
            lambda closes=closes: service.renew(TIMEFRAME, closes),
            settler.round,
        )
        for seconds, one in zip(taken.values(), work, strict=True):
            seconds.append(seconds_of(one))
    stages = {f"· {stage}": (after - before[stage]) / n_closes for stage, after in _stage_sums().items()}
    figures |= {name: statistics.median(seconds) for name, seconds in taken.items()} | stages
    return figures | {"check of held candles": seconds_of(lambda: service.check(TIMEFRAME))}


def candles_of(growth: Growth, numbers: np.ndarray, *, n: int) -> pd.DataFrame:
    """Return the last `n` candles of symbols, made anew."""
    end = growth.clock.now().replace(second=0)
    times = pd.date_range(end - n * STEP, end, freq=STEP, inclusive="left").as_unit("us")
    values = prices(times_to_wire(times), numbers).reshape(5, -1)
    opens = pd.DatetimeIndex(np.tile(times, len(numbers)))
    columns = dict(zip(("open", "high", "low", "close", "volume"), values, strict=True))
    return pd.DataFrame({"open_time": opens, "close_time": opens + STEP, **columns})


def _delivery(growth: Growth) -> Delivery:
    now, parts = growth.clock.now(), []
    for _, number in growth.world.symbols.values():
        origin = Origin(number, "generated", "stream", asked_at=now, received_at=now, live_since=now - STEP)
        parts.append(deliver(candles_of(growth, np.array([number], np.int32), n=1), origin).rows)
    return Delivery(pd.concat(parts, ignore_index=True))


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def _stage_sums() -> dict[str, float]:
    name = "candlecast_forecast_stage_seconds_sum"
    return {stage: METERS.get_sample_value(name, {"stage": stage}) or 0.0 for stage in STAGES}


def _owner(url: str, statements: str, values: object) -> None:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statements, values)
    connection.close()
