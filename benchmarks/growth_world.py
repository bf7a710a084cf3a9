"""A database of any size for `growth.py`: generated candles, written by COPY month by month, kept between runs."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import psycopg2
import stand

from candlecast.market.symbols import Symbol
from candlecast.storage.embedded import EmbeddedPostgres
from candlecast.storage.postgres.binary_copy import Block, encode, times_to_wire
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.postgres.symbols import SymbolStore

TIMEFRAME, STEP = "5m", timedelta(minutes=5)
END = datetime(2026, 1, 15, tzinfo=UTC)
STEP_US = STEP // timedelta(microseconds=1)
# nobody but this program ever reaches the server, which listens on loopback while it runs
_PASSWORD, _APPLICATION = "growth", "candlecast_app"
_WALK = 1 << 18
_SYMBOLS_AT_ONCE = 100
# rows that are copied into a table of the same transaction need no log, and are taken as old
_SERVER = ("wal_level = minimal", "max_wal_senders = 0", "autovacuum = off", "max_wal_size = '4GB'")
_COPY = "COPY {} ({}) FROM STDIN (FORMAT binary, FREEZE)"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored: `n_candles` in all, `n_symbols` with equally many each."""

    n_symbols: int
    n_candles: int

    @property
    def depth(self) -> int:
        """How many candles each symbol has."""
        return self.n_candles // self.n_symbols

    @property
    def start(self) -> datetime:
        """Open of the oldest candles."""
        return END - self.depth * STEP

    @property
    def name(self) -> str:
        """What its database is called."""
        return f"growth_{self.n_symbols}_{self.n_candles}"

    @property
    def symbols(self) -> list[Symbol]:
        """The followed symbols."""
        return [Symbol.parse(f"G{number:04d}/USDT") for number in range(self.n_symbols)]


@contextmanager
def server(root: Path) -> Iterator[EmbeddedPostgres]:
    """Yield a running PostgreSQL whose data stay in `root`."""
    fresh = not (root / "postgres" / "data").exists()
    postgres = EmbeddedPostgres(root / "postgres", port=stand.free_port(), password=_PASSWORD)
    postgres.start()
    if fresh:
        for setting in _SERVER:
            _execute(postgres.url, f"ALTER SYSTEM SET {setting}")
        postgres.stop()
        postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


def open_size(postgres: EmbeddedPostgres, size: Size) -> Database:
    """Return the application's connections to a database of `size`; what it lacks of it is written first."""
    owner_url = f"{postgres.url.rsplit('/', 1)[0]}/{size.name}"
    if not _execute(postgres.url, "SELECT FROM pg_database WHERE datname = %s", size.name):
        _execute(postgres.url, f"CREATE DATABASE {size.name}")
        upgrade(owner_url, app_user=_APPLICATION, app_password=_PASSWORD)
    database = Database(owner_url.replace("//candlecast:", f"//{_APPLICATION}:"))
    numbers = SymbolStore(database).ensure(size.symbols)
    _execute(owner_url, "SELECT ensure_candle_partitions(%s, %s)", size.start, END + timedelta(days=1))
    _fill(owner_url, size, np.sort(np.fromiter(numbers.values(), np.int32)))
    return database


def drop_size(postgres: EmbeddedPostgres, size: Size) -> None:
    """Remove the database of `size`."""
    _execute(postgres.url, f"DROP DATABASE {size.name} WITH (FORCE)")


def prices(opens: npt.NDArray[np.int64], numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return open, high, low, close and volume of symbols, as (5, symbols, times); `opens` as PostgreSQL counts.

    All symbols walk one path, each begins elsewhere on it.
    """
    walk = _walk()
    place = (opens[np.newaxis, :] // STEP_US + 7_919 * numbers[:, np.newaxis].astype(np.int64)) % _WALK
    opened, close = walk[0][place], walk[0][(place + 1) % _WALK]
    spread = walk[1][place]
    high, low = np.maximum(opened, close) * (1 + spread), np.minimum(opened, close) * (1 - spread)
    return np.stack([opened, high, low, close, 1_000.0 * (1 + 200 * spread)])


def _fill(owner_url: str, size: Size, numbers: npt.NDArray[np.int32]) -> None:
    connection = psycopg2.connect(owner_url)
    try:
        for month in _months(size.start, END):
            table = f"ohlcv_{month:%Y_%m}"
            first, last = max(month, size.start), min(_next_month(month), END)
            with connection, connection.cursor() as cursor:
                cursor.execute(f"SELECT FROM {table} LIMIT 1")
                if not cursor.rowcount:
                    cursor.execute(f"TRUNCATE {table}")
                    for begin in range(0, len(numbers), _SYMBOLS_AT_ONCE):
                        _copy(cursor, table, _block(first, last, numbers[begin : begin + _SYMBOLS_AT_ONCE]))
                    cursor.execute(f"ANALYZE {table}")
    finally:
        connection.close()
    _execute(owner_url, "CHECKPOINT")


def _block(first: datetime, last: datetime, numbers: npt.NDArray[np.int32]) -> Block:
    times = times_to_wire(pd.date_range(first, last, freq=STEP, inclusive="left"))
    opens, values = np.tile(times, len(numbers)), prices(times, numbers).reshape(5, -1)
    return {
        "symbol_id": np.repeat(numbers, len(times)),
        "timeframe": TIMEFRAME,
        "open_time": opens,
        "close_time": opens + STEP_US,
        **dict(zip(("open", "high", "low", "close", "volume"), values, strict=True)),
        "source": "generated",
        "quality": "rest",
        "known_at": opens + STEP_US,
    }


def _copy(cursor: Any, table: str, block: Block) -> None:
    cursor.copy_expert(_COPY.format(table, ", ".join(block)), io.BytesIO(encode([block])), size=1 << 20)


@lru_cache(maxsize=1)
def _walk() -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(7)
    # a bridge, so that its end leads to its beginning
    path = np.cumsum(rng.normal(0.0, 0.001, _WALK))
    path -= np.linspace(0.0, path[-1], _WALK)
    return np.stack([100.0 * np.exp(path), np.abs(rng.normal(0.0, 0.0005, _WALK))])


def _months(start: datetime, end: datetime) -> Iterator[datetime]:
    month = start.replace(day=1, hour=0, minute=0)
    while month < end:
        yield month
        month = _next_month(month)


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _execute(url: str, statement: str, *parameters: object) -> int:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        n_rows = cursor.rowcount
    connection.close()
    return n_rows
