"""Does ingestion outlive what is killed, lose nothing, and end when its job is told to stop it?"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import ray

from cluster.environment import settings_environment
from cluster.resources import DUTIES, SUPERVISOR
from tests.fault_run import HISTORY, HOUR, SYMBOLS, Stand, difference, n_rows, stand, wait_until

pytestmark = pytest.mark.timeout(400)

N_CANDLES = 400
LIMIT_S = 120

Job = Callable[..., str]


@pytest.fixture(scope="module")
def running(ray_head, tmp_path_factory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("ingest"), ray_head, n_candles=N_CANDLES) as running:
        yield running


@pytest.fixture
def job(running) -> Job:
    """Return what runs `python -m jobs.ingest` to its end and returns what it printed."""
    environment = {**os.environ, **settings_environment(running.settings)}

    def run(*flags: str) -> str:
        command = [sys.executable, "-m", "jobs.ingest", *flags]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
        assert ended.returncode == 0, ended.stderr[-2_000:]
        return ended.stdout

    return run


def runs(actor: str) -> bool:
    try:
        ray.get_actor(actor)
    except ValueError:
        return False
    return True


def crew_pids() -> list[int | None]:
    return [state.pid for state in ray.get(ray.get_actor(SUPERVISOR).status.remote())]


def test_ingest_job_begins_what_goes_on_through_kills_until_another_stops_it(running, job):
    job()
    wait_until(lambda: n_rows(running) > HISTORY * len(SYMBOLS), "candles flow")
    wait_until(lambda: None not in crew_pids(), lambda: str(crew_pids()))

    first, second = crew_pids()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: None not in crew_pids() and crew_pids()[0] != first, lambda: str(crew_pids()))
    said = job()

    assert f"2 of 2 ingest actors follow {len(SYMBOLS)} symbols; 1 replaced so far" in said
    assert crew_pids()[1] == second
    end = running.clock.now()
    wait_until(lambda: difference(running, end - 2 * HOUR) == "", lambda: difference(running, end - 2 * HOUR))
    assert "no candle is followed any more" in job("--stop")
    assert (runs(SUPERVISOR), runs(DUTIES)) == (False, False)


def test_ingest_job_told_to_stop_what_does_not_run_ends_well(job):
    assert "no candle is followed any more" in job("--stop")
