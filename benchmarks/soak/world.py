"""The stacks of a soak: `candlecast run` over generated candles, as a user starts it, with two forecasters each."""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import yaml

from benchmarks.changed_config import changed_config
from benchmarks.soak.extent import START_LIMIT_S, Extent, Market
from benchmarks.soak.played import write_played
from benchmarks.soak.processes import command_of, pids_of, stack_processes
from candlecast.clock import ReplayClock
from candlecast.replay.recordings import Recording
from candlecast.replay.remote import fetch_clock
from candlecast.settings import ClusterSettings
from candlecast.storage.process import Child, spawn
from cluster.ports import Ports, taken_ports
from cluster.stack_files import running_environment
from cluster.submit import ClusterClient
from cluster.sweep import sweep

REPLICAS = {"num_replicas": 2}
STOP_LIMIT_S = 60.0
# what the title of a replica says while it opens its connections
_BEGINNING = "__init__"
# tried in any order: another benchmark may be looking for free ports at this moment
_OFFSETS = range(1_000, 2_001, 100)
_FOREIGN = ("CANDLECAST_", "RAY_", "OMP_", "CC_")


class SoakError(RuntimeError):
    """The soak cannot go on; says why."""


@dataclass(slots=True)
class Stack:
    """A running stack, what it plays, and where it is."""

    market: Market
    recording: Recording
    folder: Path
    output: Path
    ports: Ports
    process: Child
    clock: ReplayClock

    @property
    def processes(self) -> dict[int, str]:
        """The group of each of its live processes, by pid."""
        return stack_processes(self.folder, run_pid=self.process.pid)

    def environment(self) -> dict[str, str]:
        """Return the environment of a shell that speaks to it."""
        return {**_clean_environment(), **running_environment(self.folder)}

    def require_running(self) -> None:
        """Return if it runs.

        Raises
        ------
        SoakError
            When it ended; carries its last words.
        """
        if not self.process.alive():
            raise SoakError(f"the {self.market.timeframe} stack ended ({self.process.returncode}): {self.last_words()}")

    def last_words(self) -> str:
        """Return the end of what `candlecast run` said."""
        return self.output.read_text(errors="replace")[-1_000:]


@contextmanager
def running_stack(extent: Extent, market: Market, *, root: Path, logs: Path, seed: int) -> Iterator[Stack]:
    """Yield a ready stack of `market` under `root`; everything of it is ended afterwards, in whatever way.

    What `candlecast run` says goes to the folder `logs`.

    Raises
    ------
    SoakError
        When it does not become ready within `START_LIMIT_S`.
    """
    offsets = random.sample(_OFFSETS, len(_OFFSETS))
    offset = next((one for one in offsets if not taken_ports(Ports(one))), None)
    if offset is None:
        raise SoakError(f"all ports with offsets from {_OFFSETS[0]} to {_OFFSETS[-1]} are taken; end other stacks")
    name = f"stack-{market.timeframe}"
    data, news, output = root / f"data-{market.timeframe}", root / f"{name}.news.csv", logs / f"{name}.txt"
    recording = write_played(extent, market, data=data, news=news, seed=seed)
    ports, folder = Ports(offset), root / name
    start = recording.start + timedelta(seconds=market.n_history * market.candle_s)
    flags = {
        "--source": "recorded",
        "--data": data,
        "--news": news,
        "--timeframe": market.timeframe,
        "--speed": extent.speed,
        "--start": start.isoformat(),
        "--folder": folder,
        "--port-offset": offset,
    }
    command = [str(Path(sys.executable).with_name("candlecast")), "run"]
    command += [str(part) for pair in flags.items() for part in pair]
    output.unlink(missing_ok=True)
    process = spawn(command, log_file=output, env=_environment(market, folder))
    try:
        deadline_s = time.monotonic() + START_LIMIT_S
        _wait(lambda: "page http://" in output.read_text(errors="replace"), process, output, deadline_s)
        stack = Stack(market, recording, folder, output, ports, process, fetch_clock(ports.url("replay")))
        _deploy_twice(stack, deadline_s)
        yield stack
    finally:
        process.stop(STOP_LIMIT_S)
        sweep(folder)
        shutil.copytree(folder / "logs", logs / name, dirs_exist_ok=True)


def _deploy_twice(stack: Stack, deadline_s: float) -> None:
    environment = stack.environment()
    cluster = ClusterClient(
        ClusterSettings(
            jobs_url=environment["CANDLECAST_CLUSTER__JOBS_URL"],
            token_file=Path(environment["CANDLECAST_CLUSTER__TOKEN_FILE"]),
        )
    )
    config = stack.folder / "serve.yaml"
    config.write_text(yaml.safe_dump(changed_config(REPLICAS)))
    cluster.deploy(config, http_host="127.0.0.1", http_port=stack.ports.of("serve"))
    items = [{"symbol": name, "timeframe": stack.market.timeframe, "horizon": 1} for name in stack.market.names]

    def ready() -> bool:
        processes = stack.processes
        replicas = [command_of(pid) for group in ("api", "forecaster") for pid in pids_of(processes, group)]
        if len(replicas) != 2 * REPLICAS["num_replicas"] or any(_BEGINNING in command for command in replicas):
            return False
        with suppress(httpx2.TransportError, ValueError):
            answer = httpx2.post(f"{stack.ports.url('serve')}/v1/forecasts", json={"items": items}, trust_env=False)
            return answer.status_code == 200 and all(one["forecast"] for one in answer.json()["items"])
        return False

    _wait(ready, stack.process, stack.output, deadline_s)


def _wait(ready: Callable[[], bool], process: Child, output: Path, deadline_s: float) -> None:
    while not ready():
        if not process.alive() or time.monotonic() > deadline_s:
            what = f"was not ready within {START_LIMIT_S:g} s" if process.alive() else "ended"
            raise SoakError(f"the stack {what}; it said:\n{output.read_text(errors='replace')[-2_000:]}")
        time.sleep(0.3)


def _environment(market: Market, folder: Path) -> dict[str, str]:
    return {
        **_clean_environment(),
        "CANDLECAST_MODELS__FOLDER": str(folder / "models"),
        "CANDLECAST_MARKET__HISTORY_CANDLES": str(market.n_history),
        "CANDLECAST_MARKET__BLOCKED_S": "5",
        # feeds are asked often enough to meet their faults
        "CANDLECAST_NEWS__INTERVAL_S": "15",
        "CANDLECAST_NEWS__NEWSAPI_KEY": "soak",
        "CANDLECAST_NEWS__CRYPTOPANIC_TOKEN": "soak",
    }


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
