"""What is killed comes back by itself, and nothing is lost: one victim after the other, with SIGKILL."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.compose.cluster import RayApi
from tests.compose.conftest import SYMBOLS
from tests.compose.figures import Figures
from tests.compose.probe import Probe
from tests.compose.stack import ComposeStack
from tests.compose.truth import Truth

API_BACK_S, JOBS_BACK_S = 30, 90
# one question of the probe that took too long is no outage
HICCUP_S = 5
STEADY_LIMIT_S, FOLLOW_LIMIT_S, JOB_LIMIT_S = 180, 180, 240
REPLICA = "ServeReplica:candlecast:ApiDeployment"


class Stand:
    """The stack and everything that is asked before and after a fault."""

    def __init__(self, stack: ComposeStack, ray_api: RayApi, truth: Truth, figures: Figures) -> None:
        self.stack, self.ray_api, self.truth, self.figures = stack, ray_api, truth, figures

    @contextmanager
    def fault(self, name: str, *, api_back_s: float = API_BACK_S) -> Iterator[Probe]:
        """Let the block do harm; then the API must be back, candles go on, and nothing be lost."""
        ledger, newest = self.truth.ledger(), self.truth.newest()
        with Probe(self.stack, SYMBOLS[0]) as probe:
            probe.wait_until_steady(limit_s=STEADY_LIMIT_S)
            fault_s = time.monotonic()
            yield probe
            probe.wait_until_steady(limit_s=STEADY_LIMIT_S)
            self.truth.wait_until_followed(since=newest, n_candles=2, limit_s=FOLLOW_LIMIT_S)
            away_s = probe.away_s(fault_s)
        self.figures.note(f"{name} killed: failed of {probe.asked} requests", f"{len(probe.failures):8}")
        self.figures.bound(f"{name} killed: API back after", away_s, most=api_back_s)
        assert ledger <= self.truth.ledger(), "forecasts are gone"
        assert self.truth.difference() == ""


@pytest.fixture
def stand(stack: ComposeStack, ray_api: RayApi, truth: Truth, figures: Figures) -> Stand:
    return Stand(stack, ray_api, truth, figures)


def test_replica_killed_is_replaced(stand: Stand):
    [replica] = [actor for actor in stand.ray_api.alive("actors") if actor["class_name"] == REPLICA]

    with stand.fault("replica of the API"):
        stand.stack.run_in("ray-serve", "sh", "-c", f"kill -9 {replica['pid']}")

    [successor] = [actor for actor in stand.ray_api.alive("actors") if actor["class_name"] == REPLICA]
    assert successor["actor_id"] != replica["actor_id"]


def test_redis_killed_loses_nothing(stand: Stand):
    with stand.fault("redis"):
        stand.stack.kill("redis")


def test_postgres_killed_loses_nothing(stand: Stand):
    with stand.fault("postgres"):
        stand.stack.kill("postgres")


def test_training_whose_node_is_killed_goes_on_when_submitted_again(stand: Stand):
    # so many that the node is killed long before the end
    train = ("python", "-m", "jobs.train", "--folds", "50")
    job = stand.ray_api.submit(*train, wait=False)
    stand.ray_api.wait_for_line(job.job_id, "fits 1 of", limit_s=JOB_LIMIT_S)

    with stand.fault("ray-train during a training", api_back_s=HICCUP_S):
        stand.stack.kill("ray-train")
        assert stand.ray_api.ended(job.job_id, limit_s=JOB_LIMIT_S) == "FAILED"
        again = stand.ray_api.submit(*train, wait=False)
        assert stand.ray_api.ended(again.job_id, limit_s=JOB_LIMIT_S) == "SUCCEEDED", stand.ray_api.log(again.job_id)

    stand.figures.note("training taken up after its node was killed", f"{stand.ray_api.took_s(again.job_id):8.1f} s")


def test_node_that_serves_killed_comes_back(stand: Stand):
    with stand.fault("ray-serve"):
        stand.stack.kill("ray-serve")


def test_head_killed_lets_the_api_go_on_and_takes_jobs_again(stand: Stand):
    with stand.fault("ray-head"):
        fault_s = time.monotonic()
        stand.stack.kill("ray-head")
        while not stand.ray_api.answers():
            assert time.monotonic() - fault_s < JOB_LIMIT_S
            time.sleep(0.5)
        job = stand.ray_api.submit("python", "-c", "print(6 * 7, 'candles')")
        assert job.code == 0, job.text
        back_s = time.monotonic() - fault_s

    stand.figures.bound("ray-head killed: a job has run after", back_s, most=JOBS_BACK_S)


def test_ledger_after_all_faults_is_whole(stand: Stand):
    told = stand.stack.run_in("ray-head", "python", "-m", "jobs.score", "--verify", "--json")

    verified = json.loads(told.splitlines()[-1])
    assert verified["ok"], told
    assert verified["n_forecasts"] == len(stand.truth.ledger()) > 20
    stand.figures.note("forecasts in whole chains after all faults", f"{verified['n_forecasts']:8}")


def test_scheduler_went_on_through_all_faults(stand: Stand):
    done = stand.stack.query("SELECT job, count(*) FROM scheduled_runs WHERE state = 'succeeded' GROUP BY 1")

    assert [job for job, _ in done] == ["score"]
    stand.figures.note("jobs that the scheduler had run", f"{done[0][1]:>8}")
