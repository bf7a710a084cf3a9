"""Rows of a recording and the folds that compare ways to model them."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from candlecast.evaluation.walk_forward import Fold
from candlecast.models.blocks import of_symbols
from candlecast.models.estimators import Array
from candlecast.models.fitting import TrainingConfig, slices
from candlecast.models.rows import PanelRows, RowNumbers, collect_rows
from candlecast.replay.recordings import load_recording

JUDGED = "BTC/USDT,ETH/USDT,ADA/USDT,LTC/USDT"
MIN_CANDLES, QUICK_CANDLES, QUICK_SYMBOLS = 9_000, 4_000, 4


@dataclass(frozen=True, slots=True)
class Part:
    """One fold: rows to learn from, the newest of them to calibrate on, and judged rows of known direction."""

    fold: Fold
    old: RowNumbers
    new: RowNumbers
    test: RowNumbers


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of all symbols, how to learn from them, and the folds."""

    rows: PanelRows
    config: TrainingConfig
    parts: tuple[Part, ...]

    @property
    def test(self) -> RowNumbers:
        """Return all judged rows, fold by fold."""
        return np.concatenate([part.test for part in self.parts])


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", default="", help="folder of candles; empty: those that ship")
    parser.add_argument("--symbols", default=JUDGED, help="judged; learned from are all with a long history")
    parser.add_argument("--until", default="", help="last close that is read, as 2020-03-01")
    parser.add_argument("--test-from", default="", help="first judged close; default: the newest half")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="4 symbols of 4,000 candles, 60 rounds")
    parser.add_argument("--json", action="store_true")


def judged(options: argparse.Namespace, *, horizon: int, params: dict[str, float]) -> Judged:
    """Return rows and folds; parameters of the trees as given."""
    panel, timeframe = _panel(options)
    rows, _ = collect_rows(panel, timeframe=timeframe, horizon=horizon)
    config = TrainingConfig(
        timeframe=timeframe,
        horizon=horizon,
        n_folds=options.folds,
        params=params,
        seed=options.seed,
        nthread=1,
        test_start=_day(options.test_from) if options.test_from else None,
    )
    wanted = [name for name in options.symbols.split(",") if name in rows.names] or list(rows.names)
    return Judged(rows, config, tuple(_parts(rows, config=config, symbols=wanted)))


def by_symbol(rows: PanelRows, *chosen: RowNumbers) -> Iterator[tuple[int, list[Array]]]:
    """Yield each symbol of the last of `chosen`, and which rows of each are its own."""
    for symbol in np.unique(rows.symbol[chosen[-1]]):
        yield int(symbol), [rows.symbol[part] == symbol for part in chosen]


def _panel(options: argparse.Namespace) -> tuple[dict[str, pd.DataFrame], str]:
    recording = load_recording(Path(options.data) if options.data else None, [])
    end = pd.Timestamp(_day(options.until)) if options.until else None
    panel = {}
    for name, series in recording.series.items():
        candles = series.candles if end is None else series.candles[series.candles["close_time"] <= end]
        panel[name] = (candles.tail(QUICK_CANDLES) if options.quick else candles).reset_index(drop=True)
    need = min(MIN_CANDLES, max(map(len, panel.values())) // 2)
    long = {name: candles for name, candles in panel.items() if len(candles) >= need}
    first = sorted(long, key=lambda name: name not in options.symbols.split(","))
    kept = first[:QUICK_SYMBOLS] if options.quick else first
    return {name: long[name] for name in kept}, recording.timeframe


def _parts(rows: PanelRows, *, config: TrainingConfig, symbols: list[str]) -> Iterator[Part]:
    folds = config.walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))
    for fold in folds:
        old, new = slices(rows, train=rows.known(fold.train), config=config)
        yield Part(fold, old, new, of_symbols(rows, rows.known(fold.test), symbols))


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
