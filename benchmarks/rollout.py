"""Does a request notice that models are swapped, configurations deployed and replicas killed?

``python benchmarks/rollout.py [--quick] [--json]``

The API as it is deployed, but with two replicas of ingress and forecaster. A process of its own asks for
forecasts at 200 requests a second, whatever comes back. Meanwhile a model is promoted 20 times, a changed
configuration is deployed 3 times, and every 10 s a replica is killed (SIGKILL), ingress and forecaster in turn.

A request whose connection breaks, or that HAProxy answers by a page of its own, is sent once more; it failed
when it then has no answer, and so did every 5xx of the API itself. An answer is wrong when it is not the
forecast that the ledger has for its symbol and model, or of a model that was never promoted. Bar: none of both.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvloop
from open_loop import Line, exchange
from report import Bar, finish
from serving_stand import Deployed, World, deployed, replicas, world

from candlecast.bootstrap import open_database

RATE, SWAPS, KILL_EVERY_S = 200, 20, 10.0
TWO = {"num_replicas": 2}
# the first changes what needs no restart, the last starts every replica anew
CHANGES: tuple[dict[str, Any], ...] = (
    {"max_queued_requests": 420},
    {"graceful_shutdown_timeout_s": 9},
    {"ray_actor_options": {"num_cpus": 0.2}},
)
LINES = 32
BARS = (Bar("failed_requests", "ours", most=0), Bar("wrong_answers", "ours", most=0))


@dataclass(slots=True)
class Seen:
    """What the callers saw: forecasts as (second, symbol, model, P(up)), statuses, what was sent twice, what failed."""

    forecasts: list[tuple[float, str, str, float]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    n_repeated: int = 0
    failures: list[str] = field(default_factory=list)


def main() -> None:
    options = _options()
    seconds = 26 if options.quick else 120
    with world(n_symbols=12, horizons=(1,), models_each=2) as prepared, deployed(prepared, changes=TWO) as ours:
        seen, swaps, n_kills = _measure(prepared, ours, seconds=seconds)
        wrong = _wrong(prepared, seen)
    rows = _rows(seen, wrong)
    p50, p99 = np.percentile(seen.latencies_ms, [50, 99])
    reach_s = np.median(_reach_s(seen, swaps))
    print(f"{seen.statuses.total():,} answers, {len(swaps)} swaps, {len(CHANGES)} deployments, {n_kills} kills; "
          f"{seen.n_repeated} sent twice; a swap is seen after {reach_s:.2f} s (median); latency p50 {p50:.1f} ms, "
          f"p99 {p99:.1f} ms", flush=True)  # fmt: skip
    for row in [] if options.json else rows:
        print(f"{row['metric']:18} {row['ours']} of {row['n']:,}")
    for failure in seen.failures[:5] + wrong[:5]:
        print(f"  {failure}", file=sys.stderr)
    finish("rollout", rows, as_json=options.json, bars=BARS)


def _measure(prepared: World, ours: Deployed, *, seconds: int) -> tuple[Seen, list[tuple[float, str]], int]:
    swaps: list[tuple[float, str]] = []
    kills: list[str] = []
    stopping = threading.Event()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        asked = pool.apply_async(_run, (ours.port, list(prepared.names), float(seconds)))
        threads = [
            threading.Thread(target=_swap, args=(prepared, swaps, seconds), daemon=True),
            threading.Thread(target=_deploy, args=(ours, seconds), daemon=True),
            threading.Thread(target=_kill, args=(kills, stopping), daemon=True),
        ]
        for thread in threads:
            thread.start()
        seen: Seen = asked.get()
        stopping.set()
        for thread in threads:
            thread.join()
    if len(swaps) != SWAPS:
        raise SystemExit(f"rollout: {len(swaps)} of {SWAPS} swaps were made")
    return seen, swaps, len(kills)


def _swap(prepared: World, swaps: list[tuple[float, str]], seconds: int) -> None:
    models = prepared.models[1]
    for place in range(SWAPS):
        time.sleep(0.9 * seconds / SWAPS)
        model_id = models[(place + 1) % len(models)]
        prepared.promote(model_id)
        swaps.append((time.time(), model_id))


def _deploy(ours: Deployed, seconds: int) -> None:
    for change in CHANGES:
        time.sleep(seconds / (len(CHANGES) + 2))
        ours.deploy(**TWO, **change)


def _kill(kills: list[str], stopping: threading.Event) -> None:
    turns = ("ApiDeployment", "ForecasterDeployment")
    while not stopping.wait(KILL_EVERY_S):
        alive = replicas(turns[len(kills) % len(turns)])
        # the last one alive is left: zero replicas are an outage, not a roll-out
        if len(alive) > 1:
            name, pid = sorted(alive.items())[0]
            os.kill(pid, signal.SIGKILL)
            kills.append(name)


def _run(port: int, names: Sequence[str], seconds: float) -> Seen:
    return uvloop.run(_ask(port, names, seconds))


async def _ask(port: int, names: Sequence[str], seconds: float) -> Seen:
    seen, free = Seen(), asyncio.Queue[Line | None]()
    for _ in range(LINES):
        free.put_nowait(None)

    async def once(request: bytes) -> tuple[int, bytes] | None:
        line = await free.get()
        try:
            # one that was closed while nobody asked cut nothing off, and no HTTP client would use it again
            if line is None or line[0].at_eof():
                line = await asyncio.open_connection("127.0.0.1", port)
            status, head, body = await exchange(line, request)
        except (asyncio.IncompleteReadError, OSError):
            free.put_nowait(None)
            return None
        free.put_nowait(line if "connection: close" not in head else None)
        return (status, body) if "json" in head else None

    async def one(name: str) -> None:
        path = f"/v1/forecasts/latest?symbol={name}&timeframe=1h&horizon=1"
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        started_s = time.perf_counter()
        answer = await once(request)
        if answer is None:
            seen.n_repeated += 1
            answer = await once(request)
        seen.latencies_ms.append(1_000 * (time.perf_counter() - started_s))
        _note(seen, name, answer)

    started_s = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for place in range(round(RATE * seconds)):
            await asyncio.sleep(max(0.0, started_s + place / RATE - time.perf_counter()))
            group.create_task(one(names[place % len(names)]))
    return seen


def _note(seen: Seen, name: str, answer: tuple[int, bytes] | None) -> None:
    if answer is None:
        seen.failures.append(f"{name}: no answer, twice")
        return
    status, body = answer
    seen.statuses[status] += 1
    content = json.loads(body)
    if status != 200:
        seen.failures.append(f"{name}: {status} {content.get('detail')}")
        return
    seen.forecasts.append((time.time(), content["symbol"], content["model"]["id"], content["p_up"]))
    if content["symbol"] != name:
        seen.failures.append(f"{name}: was answered for {content['symbol']}")


def _wrong(prepared: World, seen: Seen) -> list[str]:
    recorded = _recorded(prepared)
    found = {(symbol, model, p_up) for _, symbol, model, p_up in seen.forecasts}
    return [
        f"{symbol} of {model}: P(up) {p_up}, the ledger has {recorded.get((symbol, model))}"
        for symbol, model, p_up in sorted(found)
        if (symbol, model) not in recorded or not np.isclose(recorded[symbol, model], p_up, rtol=0, atol=1e-12)
    ]


def _recorded(prepared: World) -> Mapping[tuple[str, str], float]:
    with open_database(prepared.settings).transaction() as cursor:
        cursor.execute("SELECT symbol, model_id, p_up FROM predictions_table JOIN symbols ON symbols.id = symbol_id")
        return {(symbol, model): float(p_up) for symbol, model, p_up in cursor.fetchall()}


def _reach_s(seen: Seen, swaps: Sequence[tuple[float, str]]) -> list[float]:
    first = [
        min((at_s - swapped_s for at_s, _, model, _ in seen.forecasts if at_s >= swapped_s and model == wanted),
            default=float("nan"))
        for swapped_s, wanted in swaps
    ]  # fmt: skip
    return [value for value in first if np.isfinite(value)]


def _rows(seen: Seen, wrong: Sequence[str]) -> list[dict[str, Any]]:
    n = len(seen.latencies_ms)
    facts = {"peer": 0, "ratio": None, "unit": "requests", "n": n, "higher_is_better": False}
    return [
        {"metric": "failed_requests", "ours": len(seen.failures), **facts},
        {"metric": "wrong_answers", "ours": len(wrong), **facts},
        {"metric": "repeated_requests", "ours": seen.n_repeated, **facts},
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="26 s of load instead of 120")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
