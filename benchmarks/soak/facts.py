"""How do a stack's stores and its API stand against the source, and against each other? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from candlecast.market.candles import PRICE_COLUMNS

_TOLERANCE = 1e-9

# by model, figures by name; `n` among them
Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many candles differ from the source, of how many."""

    n: int
    lost: int
    doubled: int
    wrong: int

    @property
    def none(self) -> bool:
        """Whether all are there, once and right."""
        return not (self.lost or self.doubled or self.wrong)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one stack had to show at the end.

    Parameters
    ----------
    candles : Difference
        From the source.
    recorded : frozenset of (symbol, as_of)
        Forecasts in the ledger, made from the closes of the course.
    misses : mapping of str to int
        What the forecaster itself called missed, by cause.
    chains : str
        What ``score --verify`` said last.
    chains_whole : bool
        Whether it ended with 0.
    disagreements : tuple of str
        Settled figures in which ``/v1/track-record`` and plain SQL differ.
    n_settled : int
        Forecasts behind them.
    coverage : mapping of float to (float, int)
        Share of intervals that held and their number, by level, over all models.
    """

    candles: Difference
    recorded: frozenset[tuple[str, datetime]]
    misses: Mapping[str, int]
    chains: str
    chains_whole: bool
    disagreements: tuple[str, ...]
    n_settled: int
    coverage: Mapping[float, tuple[float, int]]


def compare(truth: pd.DataFrame, stored: pd.DataFrame) -> Difference:
    """Return how `stored` differs from `truth`; both hold symbol, open_time and the prices."""
    key = ["symbol", "open_time"]
    doubled = int(stored.duplicated(key).sum())
    both = truth.merge(stored.drop_duplicates(key), on=key, how="left", suffixes=("", "_stored"), indicator=True)
    lost = both["_merge"] == "left_only"
    wrong = pd.concat([both[name] != both[f"{name}_stored"] for name in PRICE_COLUMNS], axis=1).any(axis=1) & ~lost
    invented = len(stored) - doubled - int((~lost).sum())
    return Difference(len(truth), int(lost.sum()), doubled, int(wrong.sum()) + invented)


def differing(figures: Figures, told: Figures) -> list[str]:
    """Return in what two sides' settled figures differ, a line each."""
    lines = [f"{model}: on one side only" for model in sorted(figures.keys() ^ told.keys())]
    for model in sorted(figures.keys() & told.keys()):
        for name, value in sorted(figures[model].items()):
            other = told[model].get(name)
            if other is None or abs(value - other) > _TOLERANCE:
                lines.append(f"{model} {name}: {value} by SQL, {other} by the API")
    return lines


def pooled_coverage(figures: Figures) -> dict[float, tuple[float, int]]:
    """Return the share of intervals that held and their number, by level, over all models."""
    found: dict[float, tuple[float, int]] = {}
    for level in (50, 80, 90, 95):
        parts = [(one[f"coverage_{level}"], int(one["n"])) for one in figures.values() if f"coverage_{level}" in one]
        n = sum(weight for _, weight in parts)
        if n:
            found[level / 100] = (sum(share * weight for share, weight in parts) / n, n)
    return found


def cache_reads(text: str) -> dict[str, int]:
    """Return the reads in a page of figures, by outcome."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        if line.startswith("candlecast_cache_reads_total{"):
            outcome = line.split('outcome="')[1].split('"')[0]
            found[outcome] = found.get(outcome, 0) + int(float(line.rsplit(" ", 1)[1]))
    return found
