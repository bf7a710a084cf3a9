"""Tests of what the benchmarks share, and of the suite that runs them."""
