"""Do jobs run that somebody outside submits with Ray's own command and the token?"""

import pytest

from tests.compose.cluster import RayApi
from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack

JOB_LIMIT_S = 180


def test_training_submitted_from_the_host_registers_a_model(ray_api: RayApi, stack: ComposeStack, figures: Figures):
    before = {name for [name] in stack.query("SELECT id FROM model_metadata")}

    job = ray_api.submit("python", "-m", "jobs.train", "--folds", "2", wait=False)

    assert job.code == 0, job.text
    assert ray_api.ended(job.job_id, limit_s=JOB_LIMIT_S) == "SUCCEEDED", ray_api.log(job.job_id)
    made = {name for [name] in stack.query("SELECT id FROM model_metadata")} - before
    assert len(made) == 1
    assert made.pop() in ray_api.log(job.job_id)
    figures.note("training of two symbols as a Ray Job", f"{ray_api.took_s(job.job_id):8.1f} s")


def test_other_jobs_submitted_together_all_end_well(ray_api: RayApi):
    entrypoints = {
        "score": ["python", "-m", "jobs.score"],
        "backfill": ["python", "-m", "jobs.backfill"],
        "tune": ["python", "-m", "jobs.tune", "--trials", "2"],
    }
    submitted = {name: ray_api.submit(*entrypoint, wait=False) for name, entrypoint in entrypoints.items()}

    ended = {name: ray_api.ended(job.job_id, limit_s=JOB_LIMIT_S) for name, job in submitted.items()}

    assert set(ended.values()) == {"SUCCEEDED"}, {name: ray_api.log(job.job_id) for name, job in submitted.items()}


def test_job_that_needs_torch_says_so_on_one_line(ray_api: RayApi):
    script = "echo text,label >/tmp/l.csv; echo up,positive >>/tmp/l.csv; exec python -m jobs.train_sentiment"
    job = ray_api.submit("sh", "-c", f"{script} --labelled /tmp/l.csv --out /tmp/model", wait=False)

    assert ray_api.ended(job.job_id, limit_s=JOB_LIMIT_S) == "FAILED"
    assert "candlecast[torch]" in ray_api.log(job.job_id).splitlines()[-1]


def test_drivers_run_on_nodes_that_train_and_not_on_the_head(ray_api: RayApi):
    names = {node["node_id"]: node["labels"].get("role") for node in ray_api.alive("nodes")}

    jobs = [job for job in ray_api.get("/api/jobs/") if job["type"] == "SUBMISSION"]

    assert jobs
    assert {names[job["driver_node_id"]] for job in jobs if job["driver_node_id"] in names} <= {"train", "serve"}


@pytest.mark.parametrize(
    ("entrypoint", "begun"),
    [(["jobs.train", "--folds", "9"], "symbols read"), (["jobs.tune", "--trials", "60"], "trials:")],
)
def test_job_stopped_by_somebody_says_so_and_ends_as_stopped(ray_api: RayApi, entrypoint: list[str], begun: str):
    job = ray_api.submit("python", "-m", *entrypoint, wait=False)

    ray_api.wait_for_line(job.job_id, begun, limit_s=JOB_LIMIT_S)
    ray_api.stop(job.job_id)

    assert ray_api.ended(job.job_id, limit_s=60) == "STOPPED"
    assert "candlecast: stopped" in ray_api.log(job.job_id)
