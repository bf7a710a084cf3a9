"""What happens when four times as much is asked as can be answered?

``python benchmarks/overload.py [--quick] [--json]``

The API as it is deployed. Each request is a POST of 1,000 known forecasts, the heaviest read there is.
First its latency alone (idle: twenty a second, asked and timed as later under load), then how many a second
two connections get at most (the sustainable rate), then four times that rate at even intervals, whatever
comes back (open loop), each on a connection that is free. The time counts from when a request is due.
Accepted is 200, refused is 429 or 503 and must say Retry-After; anything else fails the run. Memory is
that of the ingress replica. Recovered is the first moment after the load from which ten requests in a row
are accepted within twice the idle 99th percentile.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import wrk
from open_loop import Answered, ask_evenly
from report import Bar, finish
from serving_stand import World, deployed, replicas, world

PATH = "/v1/forecasts"
FACTOR, ITEMS, CONNECTIONS, IDLE_RATE = 4, 1_000, 256, 20
RECOVERY_LIMIT_S = 10
BARS = (
    Bar("accepted_p99_vs_idle", "ours", most=5),
    Bar("recovery_s", "ours", most=5),
    # a request and its answer are 1.5 MB: no more than what a handful of them leaves in the allocator
    Bar("memory_growth_mb", "ours", most=30),
)


def main() -> None:
    options = _options()
    with world(n_symbols=20, horizons=(1,)) as prepared, deployed(prepared) as ours:
        rows = _measure(prepared, ours.port, seconds=6 if options.quick else 30)
    for row in [] if options.json else rows:
        print(f"{row['metric']:22} ours {row['ours']:.3f} {row['unit']}  n {row['n']:,}")
    finish("overload", rows, as_json=options.json, bars=BARS)


def _measure(prepared: World, port: int, *, seconds: int) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{port}{PATH}"
    names = [prepared.names[place % len(prepared.names)] for place in range(ITEMS)]
    body = {"items": [{"symbol": name, "timeframe": "1h", "horizon": 1} for name in names]}
    [pid] = replicas("ApiDeployment").values()
    idle_ms = _idle_ms(port, body, seconds=seconds / 2)
    wrk.post(url, body, prepared.root, connections=2, seconds=1)
    sustainable = wrk.post(url, body, prepared.root, connections=2, seconds=3).rps
    before_mb = _resident_mb(pid)
    load = ask_evenly(port, PATH, body, rate=FACTOR * sustainable, seconds=seconds, connections=CONNECTIONS)
    ended_s = time.monotonic()
    recovery_s = _recovery_s(url, body, limit_ms=2 * float(np.percentile(idle_ms, 99)), since_s=ended_s)
    return _rows(load, idle_ms, sustainable, growth_mb=_resident_mb(pid) - before_mb, recovery_s=recovery_s)


def _rows(
    load: Answered, idle_ms: Sequence[float], sustainable: float, *, growth_mb: float, recovery_s: float
) -> list[dict[str, Any]]:
    accepted = [ms for status, ms, _ in load.answers if status == 200]
    refused = [waits for status, _, waits in load.answers if status in (429, 503)]
    if len(accepted) + len(refused) != len(load.answers) or load.n_broken:
        found = sorted({status for status, _, _ in load.answers})
        raise SystemExit(f"overload: statuses {found}, {load.n_broken} connections broke")
    if not all(refused):
        raise SystemExit(f"overload: {refused.count(False)} refusals did not say Retry-After")
    idle_p99, p99 = float(np.percentile(idle_ms, 99)), float(np.percentile(accepted, 99))
    print(
        f"sustainable {sustainable:.0f}/s, sent {len(load.answers) / load.elapsed_s:.0f}/s, accepted "
        f"{len(accepted) / load.elapsed_s:.0f}/s; p99 idle {idle_p99:.1f} ms, under load {p99:.1f} ms; asking took "
        f"{load.cpu_s / load.elapsed_s:.0%} of a processor",
        flush=True,
    )
    n = len(load.answers)
    return [
        _row("accepted_p99_vs_idle", p99 / idle_p99, "x", n, peer=idle_p99),
        _row("rejected_share", len(refused) / n, "share", n),
        _row("recovery_s", recovery_s, "s", n),
        _row("memory_growth_mb", growth_mb, "MB", n),
    ]


def _row(metric: str, value: float, unit: str, n: int, *, peer: float | None = None) -> dict[str, Any]:
    return {"metric": metric, "ours": value, "peer": peer, "ratio": None, "unit": unit, "n": n,
            "higher_is_better": False}  # fmt: skip


def _one_by_one(url: str, body: dict[str, Any], *, n: int) -> list[tuple[int, float]]:
    found = []
    with httpx2.Client(timeout=30) as client:
        for _ in range(n):
            started_s = time.perf_counter()
            status = client.post(url, json=body).status_code
            found.append((status, 1_000 * (time.perf_counter() - started_s)))
            time.sleep(0.02)
    return found


def _idle_ms(port: int, body: dict[str, Any], *, seconds: float) -> list[float]:
    found = ask_evenly(port, PATH, body, rate=IDLE_RATE, seconds=seconds, connections=1)
    if any(status != 200 for status, _, _ in found.answers):
        raise SystemExit("overload: the idle API refused a request")
    return [ms for _, ms, _ in found.answers[5:]]


def _recovery_s(url: str, body: dict[str, Any], *, limit_ms: float, since_s: float) -> float:
    while (now_s := time.monotonic()) - since_s < RECOVERY_LIMIT_S:
        if all(status == 200 and ms <= limit_ms for status, ms in _one_by_one(url, body, n=10)):
            return now_s - since_s
    raise SystemExit(f"overload: not recovered within {RECOVERY_LIMIT_S} s")


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4_096 / 1e6


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="6 s of load instead of 30")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
