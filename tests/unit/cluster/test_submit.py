"""Does each order run once, where it belongs, and is a cluster that does not answer named in one line?"""

from collections.abc import Iterator

import pytest

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings
from cluster.submit import ClusterClient
from cluster.supervise import keep_ingesting
from tests.fake_cluster import FakeCluster, fake_cluster
from tests.loopback import free_port


@pytest.fixture
def nobody() -> ClusterClient:
    return ClusterClient(ClusterSettings(jobs_url=f"http://127.0.0.1:{free_port()}"))


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    with fake_cluster() as running:
        yield running


def test_cluster_that_wants_a_token_says_where_to_get_it(cluster, tmp_path):
    cluster.token, file = "right", tmp_path / "token"
    cluster.add("job")
    file.write_text("right\n")

    with pytest.raises(StackError, match=r'wants its token; run eval "\$\(candlecast env\)" first$'):
        cluster.client().status("job")
    knowing = ClusterClient(ClusterSettings(jobs_url=cluster.url, token_file=file))
    assert knowing.status("job") == "RUNNING"


def test_order_that_runs_already_is_not_submitted_again(cluster):
    first, again = (cluster.client().submit_once("true", prefix="train-ab-") for _ in range(2))

    assert (first, again) == (("train-ab-0", True), ("train-ab-0", False))


def test_order_whose_job_ended_is_submitted_under_another_id(cluster):
    cluster.add("train-ab-0", "FAILED", exit_code=1)
    cluster.add("train-cd-0")

    assert cluster.client().submit_once("true", prefix="train-ab-") == ("train-ab-1", True)


def test_order_that_somebody_else_submits_meanwhile_is_theirs(cluster, monkeypatch):
    cluster.add("train-ab-0")
    client, jobs = cluster.client(), cluster.client().jobs
    # the first two looks come before the other's order
    looks = iter([list, list, jobs])
    monkeypatch.setattr(client, "jobs", lambda: next(looks)())

    assert client.submit_once("true", prefix="train-ab-") == ("train-ab-0", False)


@pytest.mark.parametrize(
    ("labels", "entrypoint", "expected"),
    [
        ([{}, {"role": "serve"}, {"role": "train"}], "python -m jobs.train", {"role": "train"}),
        ([{}, {"role": "serve"}, {"role": "train"}], "python -m jobs.ingest", {"role": "serve"}),
        ([{"role": "serve"}], "python -m jobs.train", {"role": "serve"}),
        ([{}], "python -m jobs.train", None),
    ],
)
def test_driver_is_sent_to_a_node_that_works_not_to_the_head(cluster, labels, entrypoint, expected):
    cluster.labels = labels

    cluster.client().submit(entrypoint)

    assert cluster.taken[0].get("entrypoint_label_selector") == expected


def test_submit_before_an_agent_is_up_waits_for_it(cluster, monkeypatch):
    monkeypatch.setattr("cluster.submit.time.sleep", lambda _: None)
    cluster.refusals = ["No available agent to submit job, please try again later."] * 2

    assert cluster.client().submit("true", submission_id="train-1") == "train-1"


def test_submit_whose_answer_is_lost_submits_once(cluster, monkeypatch):
    monkeypatch.setattr("cluster.submit.time.sleep", lambda _: None)
    client = cluster.client()
    client.jobs()
    cluster.drops_answers = 1

    assert client.submit("true") in cluster.jobs
    assert len(cluster.taken) == 1


def test_submit_that_is_refused_says_why(cluster):
    cluster.add("train-1")

    with pytest.raises(StackError, match="train-1 already exists"):
        cluster.client().submit("true", submission_id="train-1")


def test_question_that_a_busy_dashboard_drops_is_asked_again(cluster, monkeypatch):
    monkeypatch.setattr("cluster.dashboard._PAUSE_S", 0)
    cluster.add("train-1")
    client = cluster.client()
    client.status("train-1")
    cluster.drops = 2

    assert client.status("train-1") == "RUNNING"
    cluster.drops = 9
    with pytest.raises(StackError, match="without sending a response"):
        client.status("train-1")


def test_last_line_of_a_job_is_its_own_not_the_clusters(cluster):
    cluster.add("train-1")
    cluster.logs["train-1"] = "progress 2/3\n\x1b[33m(raylet)\x1b[0m slow\n2026 INFO worker.py:12 -- Connected\n"

    assert cluster.client().last_line("train-1") == "progress 2/3"


def test_job_that_is_told_to_stop_is_asked_for_by_its_id(cluster):
    cluster.add("train-1")

    cluster.client().stop("train-1")

    with pytest.raises(StackError, match="train-2 does not exist"):
        cluster.client().stop("train-2")


def test_actors_of_the_cluster_are_told_by_their_names(cluster):
    cluster.actors = ["duties", ""]

    assert cluster.client().actors() == {"duties", ""}


def test_jobs_tell_those_that_were_lost_from_those_that_failed(cluster):
    cluster.add("mine", "FAILED", exit_code=1)
    cluster.add("gone", "FAILED")
    cluster.add("on")

    assert {job.id: (job.ended, job.lost) for job in cluster.client().jobs()} == {
        "mine": (True, False),
        "gone": (True, True),
        "on": (False, False),
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda cluster: cluster.submit("true"),
        lambda cluster: cluster.status("job"),
        lambda cluster: cluster.running("ingest-"),
        lambda cluster: cluster.deployed(),
        lambda cluster: cluster.wait_until_up(timeout_s=0.1),
        lambda cluster: cluster.actors(),
        keep_ingesting,
    ],
)
def test_cluster_that_does_not_answer_is_named_in_one_line(nobody, call):
    with pytest.raises(StackError, match=r"http://127\.0\.0\.1:\d+") as failed:
        call(nobody)

    assert "\n" not in str(failed.value)
