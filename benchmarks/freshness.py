"""How soon after its close is a candle in the database, and its forecast readable, for 200 symbols at once?

``python benchmarks/freshness.py [--quick] [--part candles|forecasts|all] [--symbols 200] [--hours 10] [--speed 60]
[--json]``

Ours: ingest actors on Ray follow generated 1m candles by WebSocket (two updates and the closing
message a candle) from a replay server that runs at `--speed`. Peer: the plain way, one process that
asks for every symbol by ccxt REST at each close and inserts the answer. Both write into the same
table; the time is wall seconds from the candle's close to the moment at which a reader sees the row.
At the end every row is compared with what was generated, and revisions must be none.

Then the API is deployed beside the ingestion with one model of default size, horizon 1, trained on
every symbol: the time from the close to the moment at which a reader over HTTP first sees the forecast
made from it, and how long GETs take meanwhile and while no candle comes.
"""

import argparse
import asyncio
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ccxt.async_support
import numpy as np
import psycopg2
import stand
from freshness_forecasts import ForecastFigures, measure_forecasts, promote_model
from psycopg2.extras import execute_values
from report import Bar, finish

from candlecast.bootstrap import open_database, open_market
from candlecast.clock import ReplayClock, wall_s
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.replay.recordings import Recording
from candlecast.replay.synthetic import make_recording, write_recording
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.symbols import SymbolStore
from cluster.environment import settings_environment
from cluster.ingestion import plan_ingestion, start_ingestion, stop_ingestion

WARM_CANDLES = 600
LEAD_CANDLES = 60
PEER_CANDLES = 60
# the wall minutes that it takes to deploy the API are as many market hours
DEPLOY_CANDLES = 400
NEVER_S = 60.0
POLL_S = 0.02
LENGTH = timedelta(minutes=1)
# a GET while a batch is made takes at most twice as long as one while none is
BARS = (
    Bar("candle_to_row_p95_s", "ours", most=1.0),
    Bar("candle_to_forecast_p95_s", "ours", most=1.0),
    Bar("idle_vs_batch_get_p99", "ratio", least=0.5),
)
POLLING, ALLOWED, IDLE = "polling each close by ccxt REST", "what it may take", "a GET while no candle comes"


@dataclass(frozen=True)
class Stores:
    """Addresses of PostgreSQL and Redis."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Extent:
    """How many candles a symbol are measured, on our side and the peer's, at which speed."""

    n_candles: int
    n_peer: int
    n_forecast: int
    speed: float


class Watcher(threading.Thread):
    """Notes when a reader first sees each candle: how many rows there are for each of the newest opens."""

    def __init__(self, url: str, clock: ReplayClock, *, first_open: datetime, last_open: datetime) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._clock = clock
        self._first, self._last = first_open, last_open
        self._finished = threading.Event()
        self._seen: dict[datetime, int] = {}
        self.delays_s: list[float] = []

    def run(self) -> None:
        """Look every `POLL_S` until `finish`."""
        connection = psycopg2.connect(self._url, options="-c timezone=UTC")
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._finished.wait(POLL_S):
                now_s, market = wall_s(), self._clock.now()
                since = max(self._first, market - 12 * LENGTH)
                cursor.execute(
                    "SELECT open_time, count(*) FROM ohlcv_table WHERE timeframe = '1m' "
                    "AND open_time >= %s AND open_time <= %s GROUP BY open_time",
                    (since, self._last),
                )
                for opened, n_rows in cursor.fetchall():
                    self._note(opened, n_rows, now_s)
        connection.close()

    def finish(self) -> np.ndarray:
        """Stop looking; return the wall seconds from close to sight, one a candle."""
        self._finished.set()
        self.join()
        return np.array(self.delays_s)

    def _note(self, opened: datetime, n_rows: int, now_s: float) -> None:
        new = n_rows - self._seen.get(opened, 0)
        if new > 0:
            closed_s = self._clock.wall_anchor_s + (
                (opened + LENGTH - self._clock.market_anchor).total_seconds() / self._clock.speed
            )
            self.delays_s += [now_s - closed_s] * new
            self._seen[opened] = n_rows


def main() -> None:
    options = _options()
    names = [f"C{number:03d}/USDT" for number in range(options.symbols)]
    extent = _extent(options)
    total = WARM_CANDLES + 3 * LEAD_CANDLES + extent.n_candles + extent.n_peer + extent.n_forecast + DEPLOY_CANDLES
    recording = make_recording(names, timeframe="1m", n_candles=total, seed=5)
    with stand.folder() as root:
        write_recording(recording, root / "data")
        with stand.postgres(root) as url, stand.valkey(root) as redis_url:
            rows = _measure(recording, root, Stores(url, redis_url), extent)
    for row in [] if options.json else rows:
        print(f"{row['metric']:28} ours {row['ours']:.4f} {row['unit']}  peer {row['peer']:.4f}  "
              f"ratio {row['ratio']:.2f}  n {row['n']:,}")  # fmt: skip
    finish("freshness", rows, as_json=options.json, bars=BARS)


def _extent(options: argparse.Namespace) -> Extent:
    n_candles = 40 if options.quick else round(options.hours * 60)
    n_peer = 20 if options.quick else PEER_CANDLES
    with_candles, with_forecasts = options.part != "forecasts", options.part != "candles"
    return Extent(
        n_candles=n_candles if with_candles else 0,
        n_peer=n_peer if with_candles else 0,
        n_forecast=n_candles // (1 if options.quick else 2) if with_forecasts else 0,
        speed=options.speed,
    )


def _measure(recording: Recording, root: Path, stores: Stores, extent: Extent) -> list[dict[str, Any]]:
    start = recording.start + WARM_CANDLES * LENGTH
    if extent.n_forecast:
        promote_model(_settings(root, stores), recording, until=start)
    arguments = ["--data", str(root / "data"), "--start", start.isoformat(), "--speed", str(extent.speed)]
    with stand.replay(root, arguments) as (replay_url, clock):
        settings = _settings(root, stores, replay_url)
        # replicas read their settings from the environment of the head that starts them
        os.environ |= settings_environment(settings)
        with stand.ray_head(root, num_cpus=4, dashboard=extent.n_forecast > 0) as cluster:
            settings = settings.model_copy(update={"cluster": cluster})
            rows = _candle_rows(settings, recording, clock, extent) if extent.n_candles else []
            if extent.n_forecast:
                names = list(recording.series)
                figures = measure_forecasts(settings, clock, names, n_candles=extent.n_forecast)
                rows += _forecast_rows(figures)
    return rows


def _settings(root: Path, stores: Stores, replay_url: str = "") -> Settings:
    return Settings(
        market={"source": "recorded", "venue_url": replay_url, "history_candles": WARM_CANDLES},
        replay={"url": replay_url},
        news={"enabled": False},
        sentiment={"engine": "lexicon"},
        database={"url": stores.database_url},
        redis={"url": stores.redis_url},
        api={"require_key": False},
        models={"folder": root / "models"},
        _env_file=None,
    )


def _candle_rows(settings: Settings, recording: Recording, clock: ReplayClock, extent: Extent) -> list[dict[str, Any]]:
    # room for the actors to start and to load the history
    first = _after(clock, LEAD_CANDLES)
    span = (first, first + (extent.n_candles - 1) * LENGTH)
    ours = _run_ours(settings, clock, span)
    faults = _differences(settings, recording, span)
    peer_first = _after(clock, 3)
    peer_span = (peer_first, peer_first + (extent.n_peer - 1) * LENGTH)
    peer = _run_peer(settings, list(recording.series), clock, peer_span)
    expected = extent.n_candles * len(recording.series)
    print(f"stored {len(ours):,} of {expected:,} candles; {faults}", flush=True)
    if len(ours) != expected or faults != "all equal to what was generated, none revised":
        raise SystemExit("freshness: the table is not what was generated")
    return [
        _row(f"candle_to_row_{name}_s", ours, peer, percent, peer_is=POLLING)
        for name, percent in (("p95", 95), ("p50", 50), ("max", 100))
    ]


def _forecast_rows(figures: ForecastFigures) -> list[dict[str, Any]]:
    n_seen, n_expected = len(figures.delays_s), figures.n_expected
    print(f"read {n_seen:,} of {n_expected:,} forecasts", flush=True)
    # a forecast that nobody saw before the next one was not in time
    delays_s = np.concatenate((figures.delays_s, np.full(n_expected - n_seen, NEVER_S)))
    bar = np.full(1, 1.0)
    rows = [_row(f"candle_to_forecast_p{percent}_s", delays_s, bar, percent, peer_is=ALLOWED) for percent in (50, 95)]
    got = (figures.busy_s, figures.idle_s)
    return [*rows, *(_row(f"idle_vs_batch_get_p{percent}", *got, percent, peer_is=IDLE) for percent in (99, 50))]


def _run_ours(settings: Settings, clock: ReplayClock, span: tuple[datetime, datetime]) -> np.ndarray:
    plan = plan_ingestion(settings, open_market(settings).symbols)
    start_ingestion(plan)
    watcher = Watcher(settings.database.url.get_secret_value(), clock, first_open=span[0], last_open=span[1])
    watcher.start()
    time.sleep(clock.wall_s_until(span[1] + LENGTH) + 5)
    delays = watcher.finish()
    stop_ingestion()
    return delays


def _run_peer(settings: Settings, names: list[str], clock: ReplayClock, span: tuple[datetime, datetime]) -> np.ndarray:
    url = settings.database.url.get_secret_value()
    watcher = Watcher(url, clock, first_open=span[0], last_open=span[1])
    watcher.start()
    asyncio.run(_poll_plainly(settings.market.venue_url, url, names, clock, span))
    time.sleep(1)
    return watcher.finish()


async def _poll_plainly(
    base: str, url: str, names: list[str], clock: ReplayClock, span: tuple[datetime, datetime]
) -> None:
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}
    exchange = ccxt.async_support.binance({"enableRateLimit": False, "options": options})
    exchange.urls["api"]["public"] = f"{base}/api/v3"
    connection = psycopg2.connect(url, options="-c timezone=UTC")
    numbers = _numbers(connection, names)
    try:
        await exchange.load_markets()
        opened = span[0]
        while opened <= span[1]:
            await asyncio.sleep(clock.wall_s_until(opened + LENGTH))
            since = int(opened.timestamp() * 1_000)
            pages = await asyncio.gather(*(exchange.fetch_ohlcv(name, "1m", since=since, limit=1) for name in names))
            rows = [
                (numbers[name], "1m", opened, opened + LENGTH, *page[0][1:6], "binance", "rest", opened + LENGTH)
                for name, page in zip(names, pages, strict=True)
                if page and page[0][0] == since
            ]
            await asyncio.to_thread(_insert, connection, rows)
            opened += LENGTH
    finally:
        await exchange.close()
        connection.close()


def _numbers(connection: Any, names: list[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT symbol, id FROM symbols WHERE symbol = ANY(%s)", (names,))
        return dict(cursor.fetchall())


def _insert(connection: Any, rows: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO ohlcv_table (symbol_id, timeframe, open_time, close_time, open, high, low, close, volume, "
            "source, quality, known_at) VALUES %s ON CONFLICT DO NOTHING",
            rows,
            page_size=1_000,
        )
    connection.commit()


def _differences(settings: Settings, recording: Recording, span: tuple[datetime, datetime]) -> str:
    database = open_database(settings)
    symbols = open_market(settings).symbols
    store, numbers = CandleStore(database), SymbolStore(database).ensure(symbols)
    wrong = []
    for name, number in numbers.items():
        stored = store.read(number, "1m", start=span[0], until=span[1] + LENGTH)
        truth = recording.series[name].candles
        truth = truth[(truth["open_time"] >= span[0]) & (truth["open_time"] <= span[1])].reset_index(drop=True)
        columns = ["open_time", *PRICE_COLUMNS]
        if not stored[columns].equals(truth[columns]):
            wrong.append(name)
    with database.transaction() as cursor:
        cursor.execute("SELECT count(*) FROM ohlcv_revisions")
        [n_revised] = cursor.fetchone() or (0,)
        cursor.execute(
            "SELECT quality, count(*) FROM ohlcv_table WHERE open_time BETWEEN %s AND %s GROUP BY quality", span
        )
        qualities = dict(cursor.fetchall())
    database.close()
    print(f"quality of the measured candles: {qualities}", flush=True)
    if wrong or n_revised:
        return f"{len(wrong)} symbols differ ({', '.join(wrong[:3])}), {n_revised} rows were revised"
    return "all equal to what was generated, none revised"


def _after(clock: ReplayClock, n_candles: int) -> datetime:
    """Return the open that lies `n_candles` ahead of the market time."""
    minutes = int(clock.now().timestamp() // 60) + n_candles
    return datetime.fromtimestamp(minutes * 60, UTC)


def _row(metric: str, ours: np.ndarray, peer: np.ndarray, percent: float, *, peer_is: str) -> dict[str, Any]:
    mine, theirs = float(np.percentile(ours, percent)), float(np.percentile(peer, percent))
    return {
        "metric": metric, "ours": mine, "peer": theirs, "ratio": theirs / mine, "unit": "s", "n": len(ours),
        "higher_is_better": False, "peer_is": peer_is,
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="40 candles a symbol")
    parser.add_argument("--part", choices=("candles", "forecasts", "all"), default="all", help="what is measured")
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--hours", type=float, default=10.0, help="market hours that are measured")
    parser.add_argument("--speed", type=float, default=60.0, help="market seconds per wall second")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
