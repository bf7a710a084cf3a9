"""Rows and outcomes as benchmarks tell them."""

from suite_runs import Outcome

MACHINE = {"cpus": 2, "processor": "Test CPU", "memory_gb": 8, "system": "Linux", "python": "3.11.7"}


def row(metric: str = "latest_rps", **facts) -> dict:
    whole = {"metric": metric, "ours": 100.0, "peer": 50.0, "ratio": 2.0, "unit": "req/s", "n": 3}
    return {**whole, "higher_is_better": True, **facts}


def outcome(benchmark: str = "serve", **facts) -> Outcome:
    known = {"status": "measured", "form": "quick", "arguments": ["--quick", "--json"], "date": "2026-11-23 10:00"}
    known |= {"commit": "abc1234", "machine": MACHINE, "versions": {"ray": "2.60.0"}, "took_s": 12.0}
    return Outcome(benchmark, **{**known, "results": [row()], **facts})
