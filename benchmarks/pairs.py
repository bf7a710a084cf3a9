"""What do pairs of figures say, ours and the peer's, taken in turn? The median of their ratios, and its range."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any


def rate(work: Callable[[Sequence[str]], Any], items: Sequence[str]) -> float:
    """Return how many of `items` a second `work` does."""
    started_s = time.perf_counter()
    work(items)
    return len(items) / (time.perf_counter() - started_s)


def make_row(
    metric: str, pairs: Sequence[tuple[float, float]], *, unit: str, n: int, peer_is: str, **facts: Any
) -> dict[str, Any]:
    """Return one result of which more is better, its ratio pair by pair."""
    ratios = [ours / theirs for ours, theirs in pairs]
    return {
        "metric": metric, "ours": median(ours for ours, _ in pairs), "peer": median(theirs for _, theirs in pairs),
        "ratio": median(ratios), "low": min(ratios), "high": max(ratios), "interval_of": "ratio",
        "unit": unit, "n": n, "higher_is_better": True, "peer_is": peer_is, **facts,
    }  # fmt: skip


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print results for people."""
    for row in rows:
        print(
            f"{row['metric']:28} ours {row['ours']:8.4g}  peer {row['peer']:8.4g} {row['unit']:8} "
            f"ratio {row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})  n {row['n']:,}  peer: {row['peer_is']}"
        )
