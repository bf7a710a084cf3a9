"""What does a symbol cost? Time, memory and disk of one candle of every symbol, at 10, 100 and 1,000 symbols.

``python benchmarks/capacity.py [--quick] [--symbols 10,100,1000] [--json]``

Each number of symbols gets a process and a PostgreSQL of its own, on generated hourly candles. History is written as a
backfill writes it. Then, for some closes, what happens at each close happens: the candle of every symbol is judged and
stored in one transaction, a forecast of every symbol is made and recorded, the ones before are settled. There is no
peer: these are the figures that docs/operations.md plans with, so all of them are of one process on one core.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import stand
from capacity_world import (
    HOUR,
    TIMEFRAME,
    SteppedClock,
    World,
    delivery_of,
    open_service,
    promote_model,
    write_history,
)
from report import finish

from candlecast.forecasts.windows import KEPT_CANDLES
from candlecast.ingest.intake import Intake
from candlecast.market.symbols import Symbol
from candlecast.record.settler import Settler
from candlecast.replay.synthetic import make_recording
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from candlecast.telemetry.meters import METERS

STAGES = ("candles", "features", "predict", "record")
_LEDGER_BYTES = "SELECT pg_total_relation_size('predictions_table')::float8 / count(*) FROM predictions_table"
_CANDLE_BYTES = """
SELECT (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('ohlcv_table'))::float8 / count(*)
FROM ohlcv_table
"""


def main() -> None:
    options = _options()
    if options.only:
        print(json.dumps(_measured(options.only, n_closes=options.closes)))
        return
    counts = [10, 100] if options.quick else [int(count) for count in options.symbols.split(",")]
    n_closes = 3 if options.quick else options.closes
    found = {count: _in_own_process(count, n_closes=n_closes) for count in counts}
    rows = [_row(metric, count, figures[metric], n=n_closes) for count, figures in found.items() for metric in figures]
    print(f"{'':24}" + "".join(f"{count:>12,}" for count in found) + "   symbols")
    for metric in next(iter(found.values())):
        print(f"{metric:24}" + "".join(f"{figures[metric]:12,.3f}" for figures in found.values()))
    finish("capacity", rows, as_json=options.json)


def _in_own_process(n_symbols: int, *, n_closes: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--only", str(n_symbols), "--closes", str(n_closes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise SystemExit(f"capacity: {n_symbols} symbols failed: {done.stderr[-2_000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measured(n_symbols: int, *, n_closes: int) -> dict[str, float]:
    names = [f"C{number:04d}/USDT" for number in range(n_symbols)]
    n_history = KEPT_CANDLES + 24
    recording = make_recording(names, timeframe=TIMEFRAME, n_candles=n_history + n_closes + 1, seed=7)
    with stand.folder() as root, stand.postgres(root) as url, tempfile.TemporaryDirectory() as folder:
        database = Database(url)
        parsed = [Symbol.parse(name) for name in names]
        numbers = SymbolStore(database).ensure(parsed)
        symbols = {symbol.name: (symbol, numbers[symbol.name]) for symbol in parsed}
        clock = SteppedClock(recording.start + n_history * HOUR + timedelta(seconds=2))
        world = World(recording, database, symbols, clock, Path(folder))
        history_s = write_history(world)
        promote_model(world)
        before_mb = _resident_mb()
        figures = {"history_candles_per_s": n_symbols * n_history / history_s}
        figures |= _closes(world, n_closes=n_closes)
        figures |= {"forecaster_mb": _resident_mb() - before_mb, "process_mb": _resident_mb()}
        figures |= {"ledger_row_bytes": _ask(url, _LEDGER_BYTES), "candle_bytes": _ask(url, _CANDLE_BYTES)}
        database.close()
    return figures


def _closes(world: World, *, n_closes: int) -> dict[str, float]:
    service, settler = open_service(world), Settler(world.database, clock=world.clock, timeframe=TIMEFRAME)
    intake = Intake(
        timeframe=TIMEFRAME,
        symbols={number: symbol for symbol, number in world.symbols.values()},
        candles=CandleStore(world.database),
        quarantine=QuarantineStore(world.database),
    )
    newest = {name: world.clock.now().replace(second=0) for name in world.symbols}
    first_s, _ = _timed(service.renew, TIMEFRAME, newest)
    stages = _stage_sums()
    taken: dict[str, list[float]] = {"candle_write_s": [], "forecasts_s": [], "settle_s": []}
    for _ in range(n_closes):
        world.clock.moment += HOUR
        delivery = delivery_of(world)
        closes = dict.fromkeys(world.symbols, world.clock.now().replace(second=0))
        seconds, _ = _timed(intake.take, [delivery], now=world.clock.now())
        taken["candle_write_s"].append(seconds)
        seconds, made = _timed(service.renew, TIMEFRAME, closes)
        taken["forecasts_s"].append(seconds)
        seconds, _ = _timed(settler.round)
        taken["settle_s"].append(seconds)
        if len(made) != len(world.symbols):
            raise SystemExit(f"capacity: {len(made)} forecasts of {len(world.symbols)} symbols")
    found = {name: statistics.median(seconds) for name, seconds in taken.items()}
    told = {f"forecasts_{name}_s": (after - stages[name]) / n_closes for name, after in _stage_sums().items()}
    return {"first_forecasts_s": first_s, **found, **told}


def _stage_sums() -> dict[str, float]:
    name = "candlecast_forecast_stage_seconds_sum"
    return {stage: METERS.get_sample_value(name, {"stage": stage}) or 0.0 for stage in STAGES}


def _timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    started_s = time.perf_counter()
    result = work(*arguments, **options)
    return time.perf_counter() - started_s, result


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def _ask(url: str, query: str) -> float:
    # both roles of the stand have one password; the application may not ask for every size
    connection = psycopg2.connect(url.replace("//candlecast_app:", "//candlecast:"))
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: Sequence[Any] = cursor.fetchone() or (0.0,)
    connection.close()
    return float(row[0])


def _row(metric: str, n_symbols: int, value: float, *, n: int) -> dict[str, Any]:
    unit = next(
        unit for end, unit in (("_per_s", "1/s"), ("_s", "s"), ("_mb", "MiB"), ("_bytes", "B")) if metric.endswith(end)
    )
    facts = {"symbols": n_symbols, "n": n, "higher_is_better": unit == "1/s"}
    return {"metric": metric, "ours": value, "unit": unit, **facts}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10 and 100 symbols, 3 closes")
    parser.add_argument("--symbols", default="10,100,1000", help="numbers of symbols, comma-separated")
    parser.add_argument("--closes", type=int, default=8, help="closes that are timed")
    parser.add_argument("--only", type=int, default=0, help="measure one number of symbols in this process, print JSON")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
