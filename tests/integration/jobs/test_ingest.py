"""Does ingestion outlive what is killed, lose nothing, and end when its job is told to stop?"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import ray

from cluster.environment import settings_environment
from cluster.ingestion import SUPERVISOR
from tests.fault_run import HISTORY, HOUR, SYMBOLS, Stand, difference, n_rows, stand, wait_until

pytestmark = pytest.mark.timeout(400)

N_CANDLES = 400


class Job:
    """`python -m jobs.ingest` as a child process."""

    def __init__(self, running: Stand) -> None:
        self.output: Path = running.folder / f"job-{len(list(running.folder.glob('job-*')))}.txt"
        environment = {**os.environ, **settings_environment(running.settings)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jobs.ingest"], env=environment, stdout=output, stderr=output
            )

    def wait_until_said(self, text: str) -> None:
        wait_until(lambda: text in self.output.read_text(), lambda: self.output.read_text()[-2_000:])

    def send(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def running(ray_head, tmp_path_factory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("ingest"), ray_head, n_candles=N_CANDLES) as running:
        yield running


@pytest.fixture
def begin(running) -> Iterator[Callable[[], Job]]:
    """Return a function that begins a job; none outlives its test."""
    jobs = []

    def make() -> Job:
        jobs.append(Job(running))
        return jobs[-1]

    yield make
    for job in jobs:
        job.process.kill()
        job.process.wait()


def supervisor_runs() -> bool:
    try:
        ray.get_actor(SUPERVISOR)
    except ValueError:
        return False
    return True


def crew_pids() -> list[int | None]:
    return [state.pid for state in ray.get(ray.get_actor(SUPERVISOR).status.remote())]


def test_ingest_job_follows_through_kills_and_stops_what_it_started(running, begin):
    job = begin()
    job.wait_until_said(f"2 of 2 ingest actors follow {len(SYMBOLS)} symbols")
    wait_until(lambda: n_rows(running) > HISTORY * len(SYMBOLS), "candles flow")

    first, second = crew_pids()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: None not in crew_pids() and crew_pids()[0] != first, lambda: str(crew_pids()))
    job.send(signal.SIGKILL)
    again = begin()
    again.wait_until_said("; 1 replaced so far")

    assert crew_pids()[1] == second
    end = running.clock.now()
    wait_until(lambda: difference(running, end - 2 * HOUR) == "", lambda: difference(running, end - 2 * HOUR))
    assert again.send(signal.SIGTERM) == 143
    assert not supervisor_runs()


def test_ingest_job_whose_supervisor_is_gone_fails_in_one_line(begin):
    job = begin()
    job.wait_until_said("ingest actors follow")

    ray.kill(ray.get_actor(SUPERVISOR))

    assert job.process.wait(60) == 1
    # lines of actors that still run may come after it
    said = job.output.read_text()
    assert "candlecast: the supervisor of ingestion is gone" in said.splitlines()
    assert "Traceback" not in said
