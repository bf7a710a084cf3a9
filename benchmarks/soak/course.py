"""One soak from its start to its report: stacks, readers, faults, evidence, verdict."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg2

from benchmarks.soak.disk import mount_own, unmount
from benchmarks.soak.evidence import collect, read_cache
from benchmarks.soak.extent import Extent
from benchmarks.soak.faults import FaultRun
from benchmarks.soak.missing import faults_of, split_missing, wanted_forecasts
from benchmarks.soak.outcome import Course, Result, write_report
from benchmarks.soak.plan import make_plan
from benchmarks.soak.verdict import Figure, evidence_figures, hit_figure
from benchmarks.soak.watch import Watch
from benchmarks.soak.world import SoakError, Stack, running_stack
from candlecast.errors import CandlecastError
from candlecast.storage.process import Child, spawn

_LOOK_S = 1.0
# what a close that is being worked on is left out by
_EDGE_CANDLES = 2
_END_S = 20.0


def run_soak(extent: Extent, *, seed: int, out: Path) -> Result:
    """Run a soak and write its report into the folder `out`, whatever happens."""
    out.mkdir(parents=True, exist_ok=True)
    for old in ("notes.jsonl", "readers.txt", "report.json", "report.html"):
        (out / old).unlink(missing_ok=True)
    course = Course(extent, make_plan(extent, seed=seed), out, datetime.now(UTC))
    result = Result(broken_off="by an error of its own")
    root = Path(tempfile.mkdtemp(prefix="cc-soak-"))
    try:
        disk = mount_own(root, size_mb=extent.disk_mb)
        with ExitStack() as parts:
            _run(course, _started(course, parts, root=root, seed=seed), disk=disk)
        result.broken_off = ""
    except KeyboardInterrupt:
        result.broken_off = "it was told to end"
    except (SoakError, CandlecastError, httpx2.HTTPError, psycopg2.Error, OSError, subprocess.SubprocessError) as error:
        result.broken_off = f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(root, ignore_errors=True)
        unmount(root)
        shutil.rmtree(root, ignore_errors=True)
        write_report(course, result)
    return result


def _started(course: Course, parts: ExitStack, *, root: Path, seed: int) -> list[Stack]:
    began_s, stacks = time.monotonic(), []
    for place, market in enumerate(course.extent.markets):
        started = running_stack(course.extent, market, root=root, logs=course.out, seed=seed + place)
        stacks.append(parts.enter_context(started))
        print(f"{market.timeframe}: {market.n_symbols} symbols are forecast", flush=True)
    course.start_s = time.monotonic() - began_s
    return stacks


def _run(course: Course, stacks: Sequence[Stack], *, disk: str) -> None:
    watch = Watch(stacks, every_s=course.extent.sample_s)
    faults = FaultRun(stacks, course.plan, disk=disk)
    course.deeds, course.samples = faults.deeds, watch.samples
    before = [read_cache(stack) for stack in stacks]
    course.began_wall_s = time.time()
    began = [stack.clock.now() for stack in stacks]
    readers = _read(course, stacks)
    try:
        watch.start()
        faults.start()
        _stay(course, stacks, readers)
    finally:
        readers.stop()
        watch.stop()
        faults.stop()
    for place, stack in enumerate(stacks):
        course.ends.append(hit_figure(course.names[place], before[place], read_cache(stack), course.extent.bars))
        course.ends += _ended(course, place, stack, began[place])


def _stay(course: Course, stacks: Sequence[Stack], readers: Child) -> None:
    began_s, told_s = time.monotonic(), 0.0
    while readers.alive() and course.lasted_s < course.extent.course_s + _END_S:
        time.sleep(_LOOK_S)
        course.lasted_s = time.monotonic() - began_s
        course.loads.append(os.getloadavg()[0])
        for stack in stacks:
            stack.require_running()
        if course.lasted_s - told_s >= 60:
            told_s = course.lasted_s
            print(f"{told_s:.0f} of {course.extent.course_s:.0f} s, {len(course.deeds)} deeds", flush=True)
    if readers.returncode != 0:
        raise SoakError(f"the readers ended with {readers.returncode}; see {course.out / 'readers.txt'}")


def _ended(course: Course, place: int, stack: Stack, began: datetime) -> list[Figure]:
    candle = timedelta(seconds=stack.market.candle_s)
    first = _close_before(began, candle) + candle
    last = _close_before(stack.clock.now(), candle) - _EDGE_CANDLES * candle
    evidence = collect(stack, first=first, last=last)
    faults = faults_of(course.plan, course.deeds, place, clock=stack.clock, began_wall_s=course.began_wall_s)
    wanted = wanted_forecasts(stack.market.names, first, last, candle)
    missing = split_missing(wanted, evidence.recorded, faults, candle, speed=course.extent.speed)
    return evidence_figures(course.names[place], evidence, missing, len(wanted))


def _close_before(now: datetime, candle: timedelta) -> datetime:
    length_s = candle.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // length_s * length_s, UTC)


def _read(course: Course, stacks: Sequence[Stack]) -> Child:
    order = course.out / "order.json"
    stack_orders: list[dict[str, Any]] = [
        {
            "names": stack.market.names, "timeframe": stack.market.timeframe, "candle_s": stack.market.candle_s,
            "api_port": stack.ports.of("serve"), "page_port": stack.ports.of("ui"),
            "rate": course.extent.rate / len(stacks),
            "clock": {
                "wall_anchor_s": stack.clock.wall_anchor_s, "market_anchor": stack.clock.market_anchor.isoformat(),
                "end": stack.clock.end.isoformat(), "speed": stack.clock.speed,
            },
        }
        for stack in stacks
    ]  # fmt: skip
    order.write_text(json.dumps({"seconds": course.extent.course_s, "seed": course.plan.seed, "stacks": stack_orders}))
    command = [sys.executable, "-m", "benchmarks.soak.readers", str(order), str(course.out / "notes.jsonl")]
    return spawn(command, log_file=course.out / "readers.txt")
