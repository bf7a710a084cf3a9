"""What do the stores and the API of a stack say at the end? Read by plain SQL, and held against the source."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx2
import pandas as pd
import psycopg2

from benchmarks.soak.facts import Difference, Evidence, Figures, cache_reads, compare, differing, pooled_coverage
from benchmarks.soak.world import Stack
from candlecast.market.candles import PRICE_COLUMNS

WHOLE_LIMIT_S, VERIFY_LIMIT_S, PAUSE_S = 120.0, 180.0, 2.0
_TRIES = 10
_CANDLES = """
SELECT s.symbol, c.open_time, c.open, c.high, c.low, c.close, c.volume
FROM ohlcv_table c JOIN symbols s ON s.id = c.symbol_id WHERE c.timeframe = %s AND c.close_time <= %s
"""
_FORECASTS = """
SELECT DISTINCT s.symbol, p.as_of FROM predictions_table p JOIN symbols s ON s.id = p.symbol_id
WHERE p.timeframe = %s AND p.horizon = 1 AND p.as_of BETWEEN %s AND %s
"""
_FIGURES = """
SELECT p.model_id, count(*)::int,
    avg(((p.p_up > 0.5) = (o.realised_log_return > 0))::int)::float8,
    avg((p.p_up - (o.realised_log_return > 0)::int) ^ 2)::float8
FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id
WHERE p.timeframe = %s AND p.horizon = 1 AND o.realised_close IS NOT NULL GROUP BY p.model_id
"""
_COVERAGE = """
SELECT p.model_id, (band ->> 'level')::float8, avg((o.realised_log_return BETWEEN
    ln((band ->> 'low')::float8 / p.last_close) AND ln((band ->> 'high')::float8 / p.last_close))::int)::float8
FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id, jsonb_array_elements(p.intervals) band
WHERE p.timeframe = %s AND p.horizon = 1 AND o.realised_close IS NOT NULL GROUP BY 1, 2
"""
_MISSES = "SELECT cause, count(*)::int FROM forecast_misses WHERE timeframe = %s GROUP BY cause"


def collect(stack: Stack, *, first: datetime, last: datetime) -> Evidence:
    """Return the evidence of a running stack about the closes from `first` to `last`.

    Candles that came late have `WHOLE_LIMIT_S` to become whole.
    """
    deadline_s = time.monotonic() + WHOLE_LIMIT_S
    found = _candles(stack, last)
    while not found.none and time.monotonic() < deadline_s:
        time.sleep(PAUSE_S)
        found = _candles(stack, last)
    timeframe = stack.market.timeframe
    recorded = frozenset((name, as_of) for name, as_of in _rows(stack, _FORECASTS, (timeframe, first, last)))
    misses = dict(_rows(stack, _MISSES, (timeframe,)))
    code, said = _verified(stack)
    figures, told = _settled(stack)
    n_settled = sum(int(one["n"]) for one in figures.values())
    return Evidence(
        found, recorded, misses, said, code == 0, tuple(differing(figures, told)), n_settled, pooled_coverage(figures)
    )


def _candles(stack: Stack, last: datetime) -> Difference:
    series = stack.recording.series
    truth = pd.concat([one.candles.assign(symbol=name) for name, one in series.items()])
    stored = pd.DataFrame(
        _rows(stack, _CANDLES, (stack.market.timeframe, last)), columns=["symbol", "open_time", *PRICE_COLUMNS]
    )
    stored["open_time"] = pd.to_datetime(stored["open_time"], utc=True).astype(truth["open_time"].dtype)
    begins = stored["open_time"].min()
    wanted = truth[(truth["close_time"] <= last) & (truth["open_time"] >= begins)]
    return compare(wanted[["symbol", "open_time", *PRICE_COLUMNS]], stored)


def _settled(stack: Stack) -> tuple[Figures, Figures]:
    # settling goes on: both are read until nothing was settled between them
    figures, told = _by_sql(stack), _by_api(stack)
    for _ in range(_TRIES):
        if not differing(figures, told):
            break
        time.sleep(PAUSE_S)
        figures, told = _by_sql(stack), _by_api(stack)
    return figures, told


def _by_sql(stack: Stack) -> Figures:
    found: Figures = {}
    for model, n, accuracy, brier in _rows(stack, _FIGURES, (stack.market.timeframe,)):
        found[model] = {"n": float(n), "accuracy": accuracy, "brier": brier}
    for model, level, share in _rows(stack, _COVERAGE, (stack.market.timeframe,)):
        found[model][f"coverage_{round(100 * level)}"] = share
    return found


def _by_api(stack: Stack) -> Figures:
    query = f"timeframe={stack.market.timeframe}&horizon=1&window=all"
    answer = httpx2.get(f"{stack.ports.url('serve')}/v1/track-record?{query}", timeout=30, trust_env=False)
    answer.raise_for_status()
    records = [one for one in answer.json()["items"] if one["n"]]
    return {
        one["model_id"]: {"n": float(one["n"]), **{figure["metric"]: figure["value"] for figure in one["figures"]}}
        for one in records
    }


def _verified(stack: Stack) -> tuple[int, str]:
    command = [sys.executable, "-m", "jobs.score", "--verify", "--json"]
    asked = subprocess.run(
        command, env=stack.environment(), capture_output=True, text=True, timeout=VERIFY_LIMIT_S, check=False
    )
    lines = asked.stdout.strip().splitlines()
    if asked.returncode != 0 or not lines:
        return asked.returncode or 1, (asked.stdout + asked.stderr)[-1_000:]
    found = json.loads(lines[-1])
    words = f"{found['n_forecasts']:,} forecasts in {found['n_series']:,} chains and {found['n_outcomes']:,} outcomes"
    return 0, f"{words}: whole"


def _rows(stack: Stack, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(stack.environment()["CANDLECAST_DATABASE__URL"], options="-c timezone=UTC")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    finally:
        connection.close()


def read_cache(stack: Stack) -> dict[str, int]:
    """Return the counted reads of the cache by outcome, over all kinds."""
    answer = httpx2.get(f"{stack.ports.url('serve')}/metrics", timeout=30, trust_env=False).raise_for_status()
    return cache_reads(answer.text)
