"""Does every symbol keep a follower, whatever is killed? Real Ray, a shard that follows nothing.

One crew for all tests, as actors take long to start: each test begins when all are at home again.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import ray
from ray.exceptions import ActorUnavailableError

from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from cluster.actors.crew import Patience
from cluster.actors.shards import plan_shards
from cluster.actors.supervisor import ActorState, IngestPlan
from cluster.ingest_watch import IngestWatch
from cluster.ingestion import start_ingestion, stop_ingestion
from tests.fake_shard import HANG, REFUSE, STUCK, FakeShard

SYMBOLS = tuple(Symbol.parse(f"C{number}/USDT") for number in range(12))
NAMES = {symbol.name for symbol in SYMBOLS}
N_ACTORS = 3
QUICK = Patience(round_s=0.3, answer_s=1.0, silent_s=3.0, stuck_s=60.0, again_s=0.2, again_max_s=1.0)
LIMIT_S = 90.0


@dataclass
class Ingestion:
    plan: IngestPlan
    supervisor: Any

    def crew(self) -> list[ActorState]:
        try:
            return ray.get(self.supervisor.status.remote(), timeout=LIMIT_S)
        except ActorUnavailableError:
            # it is being restarted
            return []

    def shards(self) -> list[set[str]]:
        return [set(state.symbols) for state in self.crew()]

    def losses(self) -> list[int]:
        return [state.n_losses for state in self.crew()]

    def pids(self) -> dict[int, set[str]]:
        """Return what each live actor was given last, by its pid."""
        files = [file for file in self.plan.settings.models.folder.iterdir() if file.name.isdigit()]
        return {int(file.name): set(file.read_text().split(",")) - {""} for file in files if alive(int(file.name))}

    def pid_of(self, shard: set[str]) -> int:
        [pid] = [pid for pid, symbols in self.pids().items() if symbols == shard]
        return pid

    def tell(self, what: str) -> Path:
        file = self.plan.settings.models.folder / what
        file.touch()
        return file

    def wait_for(self, reached: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + LIMIT_S
        while not reached():
            assert time.monotonic() < deadline_s, (self.crew(), self.pids())
            time.sleep(0.1)

    def is_home(self) -> bool:
        return self.shards() == HOMES and sorted(self.pids().values(), key=sorted) == sorted(HOMES, key=sorted)


HOMES = [{symbol.name for symbol in shard} for shard in plan_shards(SYMBOLS, N_ACTORS, range(N_ACTORS)).values()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def make_plan(folder: Path, *, version: str = "1", n_actors: int = N_ACTORS) -> IngestPlan:
    settings = Settings(models={"folder": folder}, _env_file=None)
    return IngestPlan(settings, SYMBOLS, n_actors, version, make_shard=FakeShard, patience=QUICK)


@pytest.fixture(scope="module")
def running(ray_head, tmp_path_factory) -> Iterator[Ingestion]:
    plan = make_plan(tmp_path_factory.mktemp("ingestion"))
    running = Ingestion(plan, start_ingestion(plan))
    yield running
    stop_ingestion()


@pytest.fixture
def ingestion(running) -> Ingestion:
    running.wait_for(running.is_home)
    return running


def test_supervisor_of_a_killed_actor_hands_its_symbols_over_and_back(ingestion):
    before = ingestion.losses()

    os.kill(ingestion.pid_of(HOMES[1]), signal.SIGKILL)

    ingestion.wait_for(lambda: ingestion.shards()[1] == set() and set.union(*ingestion.shards()) == NAMES)
    ingestion.wait_for(ingestion.is_home)
    assert [now - then for now, then in zip(ingestion.losses(), before, strict=True)] == [0, 1, 0]


def test_supervisor_of_an_actor_that_cannot_come_back_keeps_its_symbols_with_the_others(ingestion):
    before, refuse = ingestion.losses()[0], ingestion.tell(REFUSE)
    os.kill(ingestion.pid_of(HOMES[0]), signal.SIGKILL)

    ingestion.wait_for(lambda: ingestion.losses()[0] >= before + 3)

    assert ingestion.shards()[0] == set()
    assert set.union(*ingestion.shards()) == NAMES
    assert [HOMES[n] <= ingestion.shards()[n] for n in (1, 2)] == [True, True]
    refuse.unlink()
    ingestion.wait_for(ingestion.is_home)


@pytest.mark.parametrize("what", [HANG, STUCK])
def test_supervisor_of_a_hung_actor_replaces_it(ingestion, what):
    hung = ingestion.pid_of(HOMES[2])

    ingestion.tell(f"{what}-{hung}")

    ingestion.wait_for(lambda: not alive(hung) and ingestion.is_home())


def test_supervisor_killed_outright_comes_back_and_makes_its_actors_again(ingestion):
    before = set(ingestion.pids())
    pid = ray.get(ingestion.supervisor.pid.remote())

    os.kill(pid, signal.SIGKILL)

    ingestion.wait_for(lambda: set(ingestion.pids()).isdisjoint(before) and ingestion.is_home())
    assert start_ingestion(ingestion.plan) == ingestion.supervisor


def test_supervisor_that_hangs_is_ended_by_its_watch_and_comes_back(ingestion):
    before, pid = set(ingestion.pids()), ray.get(ingestion.supervisor.pid.remote())

    async def watch_until_it_is_back() -> None:
        watching = asyncio.create_task(IngestWatch(silent_s=QUICK.silent_s, interval_s=QUICK.round_s).run())
        await asyncio.to_thread(ingestion.wait_for, lambda: not alive(pid))
        watching.cancel()

    os.kill(pid, signal.SIGSTOP)
    asyncio.run(watch_until_it_is_back())

    ingestion.wait_for(lambda: set(ingestion.pids()).isdisjoint(before) and ingestion.is_home())


def test_start_ingestion_of_the_same_version_finds_what_runs(ingestion):
    before = ingestion.pids()

    again = start_ingestion(ingestion.plan)

    assert again == ingestion.supervisor
    assert ingestion.pids() == before


def test_killed_actor_comes_back_while_others_want_every_cpu(ingestion):
    @ray.remote(num_cpus=1)
    def hog(seconds: float) -> None:
        time.sleep(seconds)

    before, hogs = ingestion.losses()[1], [hog.remote(30) for _ in range(8)]
    ingestion.wait_for(lambda: ray.available_resources().get("CPU", 0) < 1)

    os.kill(ingestion.pid_of(HOMES[1]), signal.SIGKILL)
    ingestion.wait_for(lambda: ingestion.losses()[1] == before + 1)
    ingestion.wait_for(ingestion.is_home)

    assert ray.wait(hogs, num_returns=len(hogs), timeout=0)[1] != []
    for task in hogs:
        ray.cancel(task, force=True)


def test_start_ingestion_of_another_version_closes_the_actors_first(ingestion):
    before, folder = set(ingestion.pids()), ingestion.plan.settings.models.folder

    ingestion.plan = make_plan(folder, version="2", n_actors=N_ACTORS + 1)
    ingestion.supervisor = start_ingestion(ingestion.plan)

    ingestion.wait_for(lambda: len(ingestion.pids()) == N_ACTORS + 1 and set.union(*ingestion.shards()) == NAMES)
    assert all((folder / f"closed-{pid}").exists() for pid in before)
    assert not any(alive(pid) for pid in before)
