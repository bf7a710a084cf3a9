"""Is the state of a job as documented? A fake cluster behind the route."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from candlecast.errors import StackError
from candlecast.job_progress import JobProgress, JobState
from serve.api import jobs
from serve.api.gate import OPEN_GATE
from serve.api.problems import install_problem_handlers
from serve.api.services import current

RUNNING = JobProgress(done=3, total=8, unit="trials", note="best log loss 0.68")


class FakeCluster:
    """Knows one job, and falls silent for another."""

    def state(self, job_id: str, *, tail: int) -> JobState | None:
        if job_id == "lost":
            raise StackError("no Ray cluster answers at http://127.0.0.1:1")
        if job_id != "tune-1":
            return None
        return JobState(id=job_id, status="RUNNING", message=None, progress=RUNNING, log=["a"] * tail)


@pytest.fixture(scope="module")
def client():
    api = FastAPI()
    api.include_router(jobs.router)
    install_problem_handlers(api)
    api.dependency_overrides[jobs.cluster_client] = FakeCluster
    api.dependency_overrides[current] = lambda: SimpleNamespace(access=OPEN_GATE)
    with TestClient(api, base_url="http://127.0.0.1") as client:
        yield client


def test_running_job_tells_its_progress_and_the_end_of_its_log(client):
    answer = client.get("/v1/jobs/tune-1", params={"tail": 2}).json()

    assert answer["status"] == "RUNNING"
    assert answer["progress"] == {"done": 3, "total": 8, "unit": "trials", "note": "best log loss 0.68"}
    assert answer["log"] == ["a", "a"]


@pytest.mark.parametrize(
    ("job_id", "status", "says"),
    [("other", 404, "'other' is not known"), ("lost", 503, "no Ray cluster"), ("a;b", 422, "job_id")],
)
def test_job_that_cannot_be_shown_is_a_problem(client, job_id, status, says):
    answer = client.get(f"/v1/jobs/{job_id}")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]
