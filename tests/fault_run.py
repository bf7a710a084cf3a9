"""A run in which everything goes wrong that can, from a seed; at the end the table must be the truth."""

import os
import random
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd
import psutil
import ray

from candlecast.bootstrap import open_market
from candlecast.clock import ReplayClock
from candlecast.errors import StorageError
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.replay.recordings import Recording
from candlecast.replay.synthetic import make_recording, write_recording
from candlecast.settings import ClusterSettings, Settings
from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.postgres.symbols import SymbolStore
from cluster.ingestion import plan_ingestion, start_ingestion, stop_ingestion
from tests.loopback import free_port
from tests.replay_process import replay_process

SYMBOLS = tuple(f"C{number:02d}/USDT" for number in range(12))
HISTORY, SPEED = 650, 3_600.0
HOUR = timedelta(hours=1)
KINDS: dict[str, dict[str, float]] = {
    "rate_limit": {"retry_after_s": 1},
    "blocked": {"share": 0.7},
    "error": {"status": 502},
    "timeout": {"share": 0.3},
    "drop": {},
    "freeze": {},
    "truncated": {"share": 0.5},
    "malformed": {"share": 0.5},
    "duplicated": {},
    "out_of_order": {},
    "late": {"delay_s": 5_400},
    "revised": {"delay_candles": 3},
    "skew": {"skew_s": 1_200},
    "outage": {"share": 0.5},
}
SETTLE_LIMIT_S = 150


@dataclass(frozen=True)
class Course:
    """How long it lasts (wall seconds, a candle each), how often an actor is killed, from which seed."""

    seed: int
    length_s: float
    kill_every_s: float


@dataclass
class Stand:
    """What is running, and what is true."""

    recording: Recording
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    replay_url: str
    clock: ReplayClock
    settings: Settings
    folder: Path


def make_script(course: Course) -> dict[str, Any]:
    """Return faults of every kind, in an order drawn from the seed, one after the other with some overlap."""
    rng = random.Random(course.seed)
    kinds = list(KINDS)
    n_rounds = max(1, round(course.length_s / (2.5 * len(kinds))))
    order = [kind for _ in range(n_rounds) for kind in rng.sample(kinds, len(kinds))]
    step_s = course.length_s / len(order)
    faults = []
    for place, kind in enumerate(order):
        faults.append(
            {
                "kind": kind,
                "venue": rng.choices(["binance", "kraken", "*"], [6, 1, 2])[0],
                "start_s": round(place * step_s, 2),
                "length_s": round(step_s * rng.uniform(0.8, 1.8), 2),
                **KINDS[kind],
            }
        )
    # one that no venue can fill, to be listed as such
    faults.append({"kind": "outage", "venue": "*", "start_s": course.length_s / 2, "length_s": 2.5, "share": 1.0})
    return {"seed": course.seed, "faults": faults}


@contextmanager
def stand(folder: Path, cluster: ClusterSettings, *, n_candles: int) -> Iterator[Stand]:
    """Start the servers and a replay of generated candles; yield them with the settings of a process."""
    recording = make_recording(list(SYMBOLS), timeframe="1h", n_candles=HISTORY + n_candles, seed=9)
    write_recording(recording, folder / "data")
    password = secrets.token_hex(8)
    postgres = EmbeddedPostgres(folder / "postgres", port=free_port(), password=password)
    valkey = EmbeddedValkey(folder / "valkey", port=free_port(), password=password)
    start = (recording.start + HISTORY * HOUR).isoformat()
    arguments = ["--data", str(folder / "data"), "--start", start, "--speed", str(SPEED)]
    postgres.start()
    valkey.start()
    try:
        upgrade(postgres.url, app_user="candlecast_app", app_password=password)
        with replay_process(arguments) as (url, clock):
            settings = Settings(
                market={
                    "source": "recorded",
                    "venue_url": url,
                    "history_candles": HISTORY,
                    "blocked_s": 3,
                    "venues": "binance,kraken,coinbase",
                },
                ingest={"symbols_per_actor": 6},
                replay={"url": url},
                database={"url": postgres.url.replace("//candlecast:", "//candlecast_app:")},
                redis={"url": f"redis://:{password}@127.0.0.1:{valkey.port}/0"},
                cluster=cluster,
                _env_file=None,
            )
            yield Stand(recording, postgres, valkey, url, clock, settings, folder)
    finally:
        valkey.stop()
        postgres.stop()


@dataclass(frozen=True)
class Traces:
    """What the faults left in the tables: candles by quality, earlier values, refused rows, outages."""

    qualities: dict[str, int]
    n_revisions: int
    n_quarantined: int
    n_outages: int


def run(running: Stand, course: Course) -> Traces:
    """Follow all symbols through the faults and the kills, until the table is the truth."""
    supervisor = start_ingestion(plan_ingestion(running.settings, open_market(running.settings).symbols))
    try:
        wait_until(lambda: n_rows(running) >= HISTORY * len(SYMBOLS), "the history is stored")
        answer = httpx2.post(f"{running.replay_url}/faults", json=make_script(course), trust_env=False)
        assert answer.status_code == 200, answer.text
        _break_things(running, course, supervisor)
        end = running.clock.now() - 2 * HOUR
        wait_until(lambda: difference(running, end) == "", lambda: difference(running, end))
        return _traces(running)
    finally:
        stop_ingestion()


def _traces(running: Stand) -> Traces:
    database = Database(running.settings.database.url.get_secret_value(), pool_size=1)
    with database.transaction() as cursor:
        cursor.execute("SELECT quality, count(*) FROM ohlcv_table GROUP BY quality")
        qualities = dict(cursor.fetchall())
        cursor.execute("SELECT (SELECT count(*) FROM ohlcv_revisions), (SELECT count(*) FROM quarantine)")
        n_revisions, n_quarantined = cursor.fetchone() or (0, 0)
    n_outages = len(GapStore(database).list(status="outage"))
    database.close()
    return Traces(qualities, n_revisions, n_quarantined, n_outages)


def _break_things(running: Stand, course: Course, supervisor: Any) -> None:
    rng = random.Random(course.seed)
    kills_s = [course.kill_every_s * number for number in range(1, int(course.length_s // course.kill_every_s) + 1)]
    events: list[tuple[float, Callable[[], None]]] = [
        (at_s, lambda: _kill_an_actor(supervisor, rng)) for at_s in kills_s
    ]
    events += [(course.length_s * share, lambda: _kill_redis(running.valkey)) for share in (0.3, 0.7)]
    events.append((course.length_s * 0.5, lambda: _restart(running.postgres)))
    started_s = time.monotonic()
    for at_s, act in sorted(events, key=lambda event: event[0]):
        time.sleep(max(0.0, started_s + at_s - time.monotonic()))
        act()
    time.sleep(max(0.0, started_s + 1.2 * course.length_s - time.monotonic()))


def _kill_an_actor(supervisor: Any, rng: random.Random) -> None:
    # none may be at work just now, when the one before was killed a moment ago
    pids = [state.pid for state in ray.get(supervisor.status.remote(), timeout=10) if state.pid]
    if pids:
        os.kill(rng.choice(sorted(pids)), signal.SIGKILL)


def _kill_redis(server: EmbeddedValkey) -> None:
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    [pid] = {c.pid for c in listening if c.laddr.port == server.port}
    os.kill(pid, signal.SIGKILL)
    _restart(server)


def _restart(server: EmbeddedPostgres | EmbeddedValkey) -> None:
    server.stop()
    time.sleep(1.5)
    server.start()


def n_rows(running: Stand) -> int:
    database = Database(running.settings.database.url.get_secret_value(), pool_size=1)
    try:
        with database.transaction() as cursor:
            cursor.execute("SELECT count(*) FROM ohlcv_table")
            return int((cursor.fetchone() or (0,))[0])
    finally:
        database.close()


def difference(running: Stand, end: datetime) -> str:
    """Return in what the table differs from the truth up to `end`, "" when in nothing.

    What is missing must be listed as an outage, and what is listed must be missing.
    """
    database = Database(running.settings.database.url.get_secret_value(), pool_size=1)
    try:
        numbers = SymbolStore(database).ensure(open_market(running.settings).symbols)
        found = [_difference_of(running, database, name, number, end) for name, number in numbers.items()]
    except StorageError as error:
        return str(error)
    finally:
        database.close()
    return "; ".join(text for text in found if text)


def _difference_of(running: Stand, database: Database, name: str, number: int, end: datetime) -> str:
    truth = running.recording.series[name].candles
    stored = CandleStore(database).read(number, "1h", until=end)
    truth = truth[(truth["close_time"] <= end) & (truth["open_time"] >= stored["open_time"].iloc[0])]
    both = truth.merge(stored, on="open_time", how="left", suffixes=("", "_stored"))
    missing = both["close_stored"].isna()
    wrong = pd.concat([(both[column] != both[f"{column}_stored"]) & ~missing for column in PRICE_COLUMNS], axis=1).any(
        axis=1
    )
    outages = [gap.hole for gap in GapStore(database).list(symbol_id=number, status="outage")]
    listed = both["open_time"].map(lambda opened: any(hole.start <= opened < hole.end for hole in outages))
    unlisted = missing & ~listed
    extra = len(stored) - int((~missing).sum())
    if not (wrong.any() or unlisted.any() or extra):
        return ""
    return f"{name}: {int(wrong.sum())} wrong, {int(unlisted.sum())} missing without being listed, {extra} invented"


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str]) -> None:
    deadline_s = time.monotonic() + SETTLE_LIMIT_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"not within {SETTLE_LIMIT_S} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.5)
