"""How much faster do two workers train than one, and how much memory does it take?

``python benchmarks/train_scale.py [--quick] [--data DIR] [--candles N] [--turns 3] [--folds 3] [--json]``

Ours is the training job as it is, on a Ray head of two CPUs; the peer is the same job, one step at a
time. Both read the same candles from one PostgreSQL and must end in the same model. Memory is what all
workers hold together, the object store counted once (PSS), at its peak.

Without --data: 33 generated symbols of 12,000 hourly candles (--quick: 8 of 4,000). With it: all
symbols of the recording. --candles: the newest N of each.
"""

import argparse
import shutil
import statistics
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import stand
from memory import pss_mb
from report import Bar, finish

from candlecast.bootstrap import open_market
from candlecast.replay.recordings import RecordedSymbol, Recording, load_recording
from candlecast.replay.synthetic import make_recording
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.symbols import SymbolStore
from cluster.sweep import marked_processes

N_CPUS = 2
_SAMPLE_S = 0.3
_WARM_SYMBOLS = 2
BARS = (Bar("speedup_1_to_2", "ratio", least=1.8),)


@dataclass(frozen=True, slots=True)
class Run:
    """One training: its wall seconds, the peak memory of its workers, its model."""

    wall_s: float
    peak_mb: float
    model_id: str


def main() -> None:
    options = _options()
    recording = _recording(options)
    n_turns = 1 if options.quick else options.turns
    with ExitStack() as stack:
        root = stack.enter_context(stand.folder())
        url = stack.enter_context(stand.postgres(root))
        settings = _settings(recording, url, root / "models")
        _store(recording, settings)
        stack.enter_context(stand.ray_head(root, num_cpus=N_CPUS))
        # both workers start and import: few symbols do for that
        few = replace(recording, series=dict(list(recording.series.items())[:_WARM_SYMBOLS]))
        _turns(_settings(few, url, root / "models"), root, folds=1, cpus=[N_CPUS])
        pairs = [_turns(settings, root, folds=options.folds, cpus=[1, N_CPUS]) for _ in range(n_turns)]
    if len({run.model_id for pair in pairs for run in pair}) != 1:
        raise SystemExit("the runs ended in different models")
    rows = _rows(pairs, n_candles=sum(len(series.candles) for series in recording.series.values()))
    rows = [{"dataset": recording.name, "symbols": len(recording.series), "folds": options.folds} | row for row in rows]
    for row in [] if options.json else rows:
        print(f"{row['metric']:18} ours {row['ours']:,.1f}  peer {row['peer']:,.1f} {row['unit']}  "
              f"ratio {row['ratio']:.2f} [{row['low']:.2f}, {row['high']:.2f}]  n {row['n']:,} candles")  # fmt: skip
    # fits of few candles are over before a second worker has begun
    finish("train_scale", rows, as_json=options.json, bars=[] if options.quick else BARS)


def _turns(settings: Settings, root: Path, *, folds: int, cpus: list[int]) -> list[Run]:
    return [_train(settings, root, folds=folds, cpus=each) for each in cpus]


def _train(settings: Settings, root: Path, *, folds: int, cpus: int) -> Run:
    from jobs.training.cluster import OnCluster
    from jobs.training.driver import run_training
    from jobs.training.request import TrainingRequest

    request = TrainingRequest(n_folds=folds, resumable=True)
    with _Memory(root) as memory:
        started_s = time.perf_counter()
        result = run_training(settings, request, workers=OnCluster(cpus), say=lambda _: None)
        wall_s = time.perf_counter() - started_s
    shutil.rmtree(settings.models.folder / result["model_id"], ignore_errors=True)
    _forget(settings)
    return Run(wall_s, memory.peak_mb, result["model_id"])


class _Memory:
    """Samples what the workers of the head in `root` hold, until left."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._left = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.peak_mb = 0.0

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._left.wait(_SAMPLE_S):
            self.peak_mb = max(self.peak_mb, pss_mb(filter(_is_worker, marked_processes(self._root))))


def _is_worker(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::")
    return False


def _rows(pairs: list[list[Run]], *, n_candles: int) -> list[dict[str, Any]]:
    rows = []
    for metric, unit, figures in (
        ("speedup_1_to_2", "s", [(two.wall_s, one.wall_s) for two, one in pairs]),
        ("peak_memory_mb", "MB", [(two.peak_mb, one.peak_mb) for two, one in pairs]),
    ):
        ratios = [peer / ours for ours, peer in figures]
        rows.append(
            {
                "metric": metric, "unit": unit, "n": n_candles, "higher_is_better": False,
                "ours": statistics.median(ours for ours, _ in figures),
                "peer": statistics.median(peer for _, peer in figures),
                "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios), "interval_of": "ratio",
                "peer_is": "the same job, one step at a time",
            }
        )  # fmt: skip
    return rows


def _recording(options: argparse.Namespace) -> Recording:
    if options.data:
        recording = load_recording(Path(options.data), [])
        newest = {name: _newest(series, options.candles) for name, series in recording.series.items()}
        return replace(recording, series=newest)
    n_symbols, n_candles = (8, 4_000) if options.quick else (33, options.candles or 12_000)
    names = [f"S{number:02d}/USDT" for number in range(n_symbols)]
    return make_recording(names, timeframe="1h", n_candles=n_candles, seed=3)


def _newest(series: RecordedSymbol, n_candles: int) -> RecordedSymbol:
    # all of them where n is 0
    candles, adjusted = series.candles.iloc[-n_candles:], series.adjusted_close[-n_candles:]
    return replace(series, candles=candles.reset_index(drop=True), adjusted_close=adjusted)


def _settings(recording: Recording, url: str, models: Path) -> Settings:
    return Settings(
        market={"source": "recorded", "symbols": ",".join(recording.series), "timeframe": recording.timeframe},
        database={"url": url},
        models={"folder": models},
        news={"enabled": False},
        _env_file=None,
    )


def _store(recording: Recording, settings: Settings) -> None:
    database = Database(settings.database.url.get_secret_value())
    ids, store = SymbolStore(database).ensure(open_market(settings).symbols), CandleStore(database)
    for name, number in ids.items():
        candles = recording.series[name].candles
        store.upsert(
            number, recording.timeframe, candles, source="bench", quality="rest", known_at=candles["close_time"]
        )
    database.close()


def _forget(settings: Settings) -> None:
    database = Database(settings.database.url.get_secret_value())
    with database.transaction() as cursor:
        cursor.execute("DELETE FROM model_metadata")
    database.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="")
    parser.add_argument("--candles", type=int, default=0, help="the newest of each symbol; 0: all")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
