"""Counted reads for tests."""

from typing import get_args

from candlecast.storage.counted_reads import Kind, Outcome, ReadTotals


def make_totals(counts: dict[tuple[Kind, Outcome], int]) -> ReadTotals:
    """Return totals that are zero but for `counts`."""
    pairs = [(kind, outcome) for kind in get_args(Kind) for outcome in get_args(Outcome)]
    return ReadTotals({pair: counts.get(pair, 0) for pair in pairs})
