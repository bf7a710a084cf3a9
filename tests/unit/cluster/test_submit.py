"""Is a cluster that does not answer named in one line?"""

from types import SimpleNamespace

import pytest
from ray.exceptions import AuthenticationError
from ray.job_submission import JobStatus

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings
from cluster.submit import ClusterClient
from cluster.supervise import keep_running
from tests.loopback import free_port


@pytest.fixture
def nobody() -> ClusterClient:
    return ClusterClient(ClusterSettings(jobs_url=f"http://127.0.0.1:{free_port()}"))


def test_cluster_that_wants_a_token_says_where_to_get_it(nobody, monkeypatch):
    def refuse(*_, **__):
        raise AuthenticationError("Authentication required\nmore")

    monkeypatch.setattr("cluster.submit.JobSubmissionClient", refuse)

    with pytest.raises(StackError, match=r'wants its token; run eval "\$\(candlecast env\)" first$'):
        nobody.submit("true")


class FakeJobs:
    """Knows jobs and runs none; refuses an id that it knows, as Ray does."""

    def __init__(self, **known) -> None:
        self.known = known

    def list_jobs(self):
        return [SimpleNamespace(submission_id=name, status=status) for name, status in self.known.items()]

    def submit_job(self, *, entrypoint, submission_id):
        if submission_id in self.known:
            raise RuntimeError(f"job {submission_id} already exists")
        self.known[submission_id] = JobStatus.PENDING
        return submission_id


def test_order_that_runs_already_is_not_submitted_again(nobody):
    nobody._jobs = FakeJobs()

    first, again = (nobody.submit_once("true", prefix="train-ab-") for _ in range(2))

    assert (first, again) == (("train-ab-0", True), ("train-ab-0", False))


def test_order_whose_job_ended_is_submitted_under_another_id(nobody):
    nobody._jobs = FakeJobs(**{"train-ab-0": JobStatus.FAILED, "train-cd-0": JobStatus.RUNNING})

    assert nobody.submit_once("true", prefix="train-ab-") == ("train-ab-1", True)


def test_order_that_somebody_else_submits_meanwhile_is_theirs(nobody):
    jobs = nobody._jobs = FakeJobs(**{"train-ab-0": JobStatus.RUNNING})
    # the first two looks come before the other's order
    looks = iter([FakeJobs().list_jobs, FakeJobs().list_jobs, jobs.list_jobs])
    jobs.list_jobs = lambda: next(looks)()

    assert nobody.submit_once("true", prefix="train-ab-") == ("train-ab-0", False)


@pytest.mark.parametrize(
    "call",
    [
        lambda cluster: cluster.submit("true"),
        lambda cluster: cluster.status("job"),
        lambda cluster: cluster.running("ingest-"),
        lambda cluster: cluster.deployed(),
        lambda cluster: cluster.wait_until_up(timeout_s=0.1),
        lambda cluster: keep_running(cluster, "true", name="ingest"),
    ],
)
def test_cluster_that_does_not_answer_is_named_in_one_line(nobody, call):
    with pytest.raises(StackError, match=r"http://127\.0\.0\.1:\d+") as failed:
        call(nobody)

    assert "\n" not in str(failed.value)
