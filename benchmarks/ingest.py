"""How fast does history get from a venue into the database?

``python benchmarks/ingest.py [--quick] [--data DIR ...] [--turns 3] [--json]``

Ours is the product's loader: ccxt, validation, COPY. The peer is the plain way: ccxt's ``fetch_ohlcv``
page by page and pandas' ``to_sql`` into the same table. Both ask the same replay servers, in processes
of their own, and write into one PostgreSQL, in turn; everything shares this machine's CPUs. Before
anything is timed both load everything once, and the two tables must be equal.

Without --data: 33 generated pairs of 1h and 7 of 5m, a year each (--quick: 4 and a part of 1). With
it: the last year of each recording. The cost of a candle is compared between 10 and 136 pairs of the
same length: those of a recording that has as many, which is not loaded otherwise, or generated ones.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import stand
from plain_loading import load_plainly
from report import Bar, finish

from candlecast.bootstrap import open_market
from candlecast.ingest.loader import Loader
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.replay.recordings import load_recording
from candlecast.replay.synthetic import FIRST_OPEN
from candlecast.settings import Settings

YEAR_S = 365 * 86_400
FEW, MANY = 10, 136
PLAIN = "ccxt and pandas' to_sql"
BARS = (
    Bar("candles_per_s", "ratio", least=5.0),
    Bar("candles_per_s", "ours", least=50_000),
    Bar("flatness_10_to_136", "ratio", least=0.8),
)
COLUMNS = f"symbol_id, timeframe, open_time, close_time, {', '.join(PRICE_COLUMNS)}"


@dataclass(frozen=True, slots=True)
class Task:
    """What one replay server plays, and how much of it is loaded."""

    arguments: tuple[str, ...]
    start: datetime
    history_candles: int


@dataclass(frozen=True, slots=True)
class Source:
    """A running replay server."""

    settings: Settings
    symbols: tuple[Symbol, ...]
    start: datetime
    end: datetime
    timeframe: str


def main() -> None:
    options = _options()
    n_turns = min(options.turns, 2) if options.quick else options.turns
    with stand.folder() as root, stand.postgres(root) as url:
        rows = _throughput(_tasks(options), root, url, n_turns=n_turns)
        rows += _flatness(_wide_task(options), root, url, n_turns=n_turns)
    for row in [] if options.json else rows:
        print(f"{row['metric']:24} ours {row['ours']:,.1f}  peer {row['peer']:,.1f} {row['unit']}  "
              f"ratio {row['ratio']:.2f} [{row['low']:.2f}, {row['high']:.2f}]  n {row['n']}")  # fmt: skip
    finish("ingest", rows, as_json=options.json, bars=BARS)


def _tasks(options: argparse.Namespace) -> list[Task]:
    if options.data:
        return [_recorded(Path(folder)) for folder in options.data if not _is_wide(folder)]
    if options.quick:
        return [_generated(4, "1h", 8_760, seed=3), _generated(1, "5m", 20_000, seed=4)]
    return [_generated(33, "1h", 8_760, seed=3), _generated(7, "5m", 105_120, seed=4)]


def _wide_task(options: argparse.Namespace) -> Task:
    wide = [folder for folder in options.data if _is_wide(folder)]
    if wide:
        return _recorded(Path(wide[0]))
    return _generated(MANY, "1h", 4_000 if options.quick else 6_500, seed=5)


def _is_wide(folder: str) -> bool:
    return len(list(Path(folder).glob("*_*.*"))) >= MANY


def _generated(n_symbols: int, timeframe: str, n_candles: int, *, seed: int) -> Task:
    options = {"synthetic": n_symbols, "timeframe": timeframe, "candles": n_candles, "seed": seed}
    end = FIRST_OPEN + timedelta(seconds=n_candles * timeframe_s(timeframe))
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Task(tuple(arguments), end, n_candles)


def _recorded(folder: Path) -> Task:
    recording = load_recording(folder, [])
    length_s = timeframe_s(recording.timeframe)
    return Task(("--data", str(folder)), recording.end, YEAR_S // length_s)


@contextmanager
def _played(task: Task, root: Path, url: str) -> Iterator[Source]:
    # at its end the replay's clock stands still
    with stand.replay(root, [*task.arguments, "--start", task.start.isoformat()]) as (replay_url, clock):
        settings = Settings(
            market={
                "source": "recorded", "venue_url": replay_url, "venues": "binance",
                "history_candles": task.history_candles,
            },
            replay={"url": replay_url},
            database={"url": url},
            _env_file=None,
        )  # fmt: skip
        market = open_market(settings)
        end, length_s = clock.now(), timeframe_s(market.settings.timeframe)
        start = end - timedelta(seconds=task.history_candles * length_s)
        yield Source(settings, market.symbols, start, end, market.settings.timeframe)


def _throughput(tasks: Sequence[Task], root: Path, url: str, *, n_turns: int) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        sources = [stack.enter_context(_played(task, root, url)) for task in tasks]
        n_candles = _require_equal(sources, url)
        ours, peer = [], []
        for _ in range(n_turns):
            ours.append(n_candles / _timed(_load_ours, sources, url))
            peer.append(n_candles / _timed(_load_plainly, sources, url))
    return [_row("candles_per_s", ours, peer, unit="candles/s", higher=True, peer_is=PLAIN)]


def _flatness(task: Task, root: Path, url: str, *, n_turns: int) -> list[dict[str, Any]]:
    many: list[float] = []
    few: list[float] = []
    with _played(task, root, url) as source:
        _cost_us(source, url, FEW)
        for _ in range(n_turns):
            many.append(_cost_us(source, url, MANY))
            few.append(_cost_us(source, url, FEW))
    return [_row("flatness_10_to_136", many, few, unit="us/candle", higher=False, peer_is=f"{FEW} symbols")]


def _cost_us(source: Source, url: str, n_symbols: int) -> float:
    taken_s = _timed(_load_ours, [source], url, n_symbols=n_symbols)
    return taken_s / _count(url) * 1e6


def _timed(load: Any, sources: Sequence[Source], url: str, *, n_symbols: int | None = None) -> float:
    _as_owner(url, "TRUNCATE ohlcv_table, ohlcv_revisions", "CHECKPOINT")
    started_s = time.perf_counter()
    for source in sources:
        load(source, source.symbols[:n_symbols])
    return time.perf_counter() - started_s


def _load_ours(source: Source, symbols: Sequence[Symbol]) -> None:
    Loader(source.settings).load(symbols)


def _load_plainly(source: Source, symbols: Sequence[Symbol]) -> None:
    market, url = source.settings.market, source.settings.database.url.get_secret_value()
    names = [symbol.name for symbol in symbols]
    load_plainly(market.venue_url, url, names, timeframe=source.timeframe, start=source.start, end=source.end)


def _require_equal(sources: Sequence[Source], url: str) -> int:
    _timed(_load_ours, sources, url)
    _as_owner(url, "CREATE TABLE ours AS SELECT * FROM ohlcv_table")
    _timed(_load_plainly, sources, url)
    differ = " UNION ALL ".join(
        f"(SELECT {COLUMNS} FROM {one} EXCEPT ALL SELECT {COLUMNS} FROM {other})"
        for one, other in (("ours", "ohlcv_table"), ("ohlcv_table", "ours"))
    )
    n_different, n_candles = _ask(url, f"SELECT (SELECT count(*) FROM ({differ}) rows), count(*) FROM ohlcv_table")
    _as_owner(url, "DROP TABLE ours")
    if n_different or not n_candles:
        raise SystemExit(f"ingest: {n_different} of {n_candles} stored candles differ between ours and the plain way")
    return n_candles


def _count(url: str) -> int:
    return _ask(url, "SELECT count(*) FROM ohlcv_table")[0]


def _as_owner(url: str, *statements: str) -> None:
    with _owner(url) as cursor:
        for statement in statements:
            cursor.execute(statement)


def _ask(url: str, query: str) -> tuple[int, ...]:
    with _owner(url) as cursor:
        cursor.execute(query)
        return tuple(cursor.fetchone() or ())


@contextmanager
def _owner(url: str) -> Iterator[Any]:
    # both roles of the stand have one password
    connection = psycopg2.connect(url.replace("//candlecast_app:", "//candlecast:"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _row(metric: str, ours: list[float], peer: list[float], *, unit: str, higher: bool, peer_is: str) -> dict[str, Any]:
    above, below = (ours, peer) if higher else (peer, ours)
    ratios = [one / other for one, other in zip(above, below, strict=True)]
    return {
        "metric": metric, "ours": statistics.median(ours), "peer": statistics.median(peer),
        "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios), "interval_of": "ratio",
        "unit": unit, "n": len(ratios), "higher_is_better": higher, "peer_is": peer_is,
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer generated candles, within a minute")
    parser.add_argument("--data", nargs="*", default=[], help="folders of recordings instead of generated candles")
    parser.add_argument("--turns", type=int, default=3, help="how often each side is timed; with --quick at most twice")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
