"""How long from nothing to the first forecast, and how much memory: `candlecast run`, and Compose beside it?

``python benchmarks/start.py [--quick] [--part local|compose|all] [--need-engine] [--json]``

Quick is the local stack alone, once, unless --part names another.

Both play the same generated recording: 4,000 hourly candles of two pairs. The time counts from the command to the first
forecast that is answered over HTTP, and to the first `/readyz` whose every check is passed; history is loaded and a
model trained meanwhile. Of Compose both are asked for once ``up --wait`` has returned. Then the memory of everything is
added up: PSS of all processes here, `docker stats` of all containers there. Then both are stopped and started again
with their data. Images are built before anything is timed.

The peer are the figures of the report that this program was planned by, of its containers: 45 s to start, up to 300 MB
a container. Without a Docker engine the rows of Compose say so, and with --need-engine the run fails.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import stand
from first_answers import LIMIT_S, wait_for_answers
from local_stack import LocalStack
from report import Bar, finish

from candlecast.client import CandlecastClient
from candlecast.replay.synthetic import make_recording, write_recording
from cluster.ports import Ports
from tests.compose.provision import describe, missing_engine, missing_images
from tests.compose.stack import ComposeStack

NAMES, N_CANDLES, SEED, SPEED = ("BTC/USDT", "ETH/USDT"), 4_000, 7, 60
PORTS = Ports(800)
BUILD_LIMIT_S, SETTLE_S = 1_200, 10.0
REPORTED_START_S, REPORTED_CONTAINER_MB = 45.0, 300.0
REPORTED = "the report's containers"
BARS = (
    Bar("run_first_forecast_s", "ours", most=60),
    Bar("compose_first_green_s", "ours", most=180),
    Bar("compose_again_green_s", "ours", most=60),
    Bar("compose_memory_mb", "ours", most=3_500),
)
# what is known of Compose where it runs
COMPOSE_METRICS = (
    *(f"compose_{start}_{what}_s" for start in ("first", "again") for what in ("forecast", "green")),
    *("compose_memory_mb", "compose_container_mb"),
)

Figures = dict[str, float]
Row = dict[str, Any]


def main() -> None:
    options = _options()
    rows: list[Row] = []
    with stand.folder() as root:
        write_recording(make_recording(list(NAMES), timeframe="1h", n_candles=N_CANDLES, seed=SEED), root / "candles")
        if options.part != "compose":
            turns = [_local(root, turn) for turn in range(1 if options.quick else 3)]
            rows += rows_of("run", turns)
        if options.part != "local":
            rows += _compose_rows(root)
    for row in [] if options.json else rows:
        print(f"{row['metric']:24} " + (row.get("not_measured") or f"{row['ours']:8.1f} {row['unit']}  n {row['n']}"))
    finish("start", rows, as_json=options.json, bars=BARS)
    if options.need_engine and (missed := [row["not_measured"] for row in rows if "not_measured" in row]):
        sys.exit(f"start: Compose was not measured: {missed[0]}")


def rows_of(way: str, turns: Sequence[Mapping[str, float]]) -> list[Row]:
    """Return the median of each figure over turns, beside what was reported of it."""
    return [_row(f"{way}_{name}", [turn[name] for turn in turns]) for name in turns[0]]


def unmeasured(why: str) -> list[Row]:
    """Return the rows of Compose where it cannot run."""
    facts = {"ours": None, "n": 0, "higher_is_better": False, "not_measured": why}
    return [{"metric": metric, "unit": _unit(metric), **facts} for metric in COMPOSE_METRICS]


def _local(root: Path, turn: int) -> Figures:
    flags = ["--data", str(root / "candles"), "--timeframe", "1h", "--speed", str(SPEED)]
    stack = LocalStack(root / f"stack{turn}", PORTS, flags)
    figures: Figures = {}
    for start in ("first", "again"):
        started_s = time.monotonic()
        stack.start()
        try:
            awaited = wait_for_answers(
                lambda: _client(PORTS.url("serve")), NAMES[0], started_s=started_s, require_alive=stack.require_alive
            )
            figures |= awaited.named(start)
            time.sleep(SETTLE_S)
            figures["memory_mb"] = stack.memory_mb()
        finally:
            stack.stop()
    return figures


def _client(url: str) -> CandlecastClient:
    return CandlecastClient(url, timeout_s=5, longest_wait_s=0)


def _compose_rows(root: Path) -> list[Row]:
    why = missing_engine()
    if not why:
        with _described(root) as stack:
            why = missing_images(stack)
            if not why:
                return rows_of("compose", [_compose(stack)])
    print(f"COMPOSE IS NOT MEASURED: {why}", file=sys.stderr, flush=True)
    return unmeasured(f"no engine: {why}")


@contextmanager
def _described(root: Path) -> Iterator[ComposeStack]:
    (root / "compose").mkdir()
    variables = {"CANDLECAST_TAG": "bench", "CANDLECAST_REPLAY__SPEED": SPEED}
    stack = describe(root / "compose", root / "candles", project=f"candlecast-bench-{os.getpid()}", variables=variables)
    try:
        yield stack
    finally:
        stack.remove()


def _compose(stack: ComposeStack) -> Figures:
    built = stack.compose("build", "--quiet", limit_s=BUILD_LIMIT_S)
    if built.returncode:
        raise SystemExit(f"start: the images were not built: {built.stderr[-800:]}")
    figures: Figures = {}
    for start in ("first", "again"):
        started_s = time.monotonic()
        stack.up(limit_s=LIMIT_S)
        awaited = wait_for_answers(lambda: stack.client(timeout_s=5), NAMES[0], started_s=started_s)
        figures |= awaited.named(start)
        if start == "first":
            time.sleep(SETTLE_S)
            held = stack.memory_mb()
            figures |= {"memory_mb": sum(held.values()), "container_mb": median(held.values())}
            stack.compose("down", limit_s=120)
    return figures


def _row(metric: str, found: Sequence[float]) -> Row:
    ours, peer = median(found), _reported(metric)
    row: Row = {
        "metric": metric, "ours": ours, "low": min(found), "high": max(found), "unit": _unit(metric), "n": len(found),
        "higher_is_better": False,
    }  # fmt: skip
    return row if peer is None else row | {"peer": peer, "ratio": peer / ours, "peer_is": REPORTED}


def _reported(metric: str) -> float | None:
    if metric.endswith("_green_s"):
        return REPORTED_START_S
    return REPORTED_CONTAINER_MB if metric == "compose_container_mb" else None


def _unit(metric: str) -> str:
    return "MB" if metric.endswith("_mb") else "s"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one turn of the local stack instead of three, alone")
    parser.add_argument("--part", choices=("local", "compose", "all"), default="", help="what is measured")
    parser.add_argument("--need-engine", action="store_true", help="fail where there is no Docker engine")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    options.part = options.part or ("local" if options.quick else "all")
    return options


if __name__ == "__main__":
    main()
