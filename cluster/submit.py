"""Talks to a running cluster over its HTTP API: jobs in, applications in, status out."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import yaml

from candlecast.errors import StackError
from candlecast.job_progress import JobProgress, JobState
from candlecast.settings import ClusterSettings
from cluster.dashboard import Dashboard, DroppedError, answers
from cluster.resources import driver_node
from cluster.submitted_job import SubmittedJob

SERVE_CONFIG = Path(__file__).parent.parent / "serve" / "config.yaml"
_OF_THE_CLUSTER = re.compile(
    # what Ray says of the job, of itself, and in colour of its other processes
    r"^Running entrypoint for job|\s(INFO|WARNING) \w+\.py:\d+ -- |^\x1b\[\d+m\((raylet|autoscaler|\w+ pid=)"
)
_OURS = "candlecast: "
# the dashboard answers before the agents do that start jobs
_NO_AGENT, _AGENT_TIMEOUT_S = "No available agent", 60.0
_NODES = "/api/v0/nodes?limit=10000&filter_keys=state&filter_predicates==&filter_values=ALIVE"
_ACTORS = "/api/v0/actors?limit=10000&filter_keys=state&filter_predicates=!=&filter_values=DEAD"
_JOBS = "/api/jobs/"
_APPLICATIONS = "/api/serve/applications/"


class ClusterClient:
    """A client of the dashboard: submits jobs and deploys the Serve application.

    Parameters
    ----------
    settings : ClusterSettings
        Address of the dashboard and the file with its token.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self._dashboard = Dashboard(settings)

    def wait_until_up(self, *, timeout_s: float) -> None:
        """Wait until the dashboard answers.

        Raises
        ------
        StackError
            When it does not within `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if answers(f"{self._dashboard.url}/api/gcs_healthz"):
                return
            time.sleep(0.2)
        raise StackError(f"the Ray dashboard at {self._dashboard.url} did not answer within {timeout_s:.0f} s")

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        """Submit `entrypoint` as a Ray Job and return its id.

        Its driver books no CPU and runs on a node that works, not on a head that only keeps the cluster together.

        Raises
        ------
        StackError
            When the cluster does not answer or refuses the job.
        """
        job_id = submission_id or f"job-{uuid4().hex[:16]}"
        wanted: dict[str, Any] = {"entrypoint": entrypoint, "submission_id": job_id}
        if node := driver_node(entrypoint, self._labels()):
            wanted["entrypoint_label_selector"] = node
        deadline_s, dropped = time.monotonic() + _AGENT_TIMEOUT_S, False
        while True:
            try:
                return str(self._dashboard.send("POST", _JOBS, json=wanted)["submission_id"])
            except StackError as error:
                # an answer that was lost on its way may have been that the job is taken
                if dropped and job_id in {job.id for job in self.jobs()}:
                    return job_id
                dropped = dropped or isinstance(error, DroppedError)
                if not (_NO_AGENT in str(error) or dropped) or time.monotonic() > deadline_s:
                    raise
            time.sleep(1)

    def submit_once(self, entrypoint: str, *, prefix: str) -> tuple[str, bool]:
        """Submit `entrypoint`, unless a job of that prefix has not ended: then that one is meant.

        Returns its id, and whether it was submitted now. Of those that ask at the same time one submits.

        Raises
        ------
        StackError
            When the cluster does not answer or refuses the job.
        """
        n_known = sum(job.id.startswith(prefix) for job in self.jobs())
        if found := self.running(prefix):
            return found[0], False
        try:
            return self.submit(entrypoint, submission_id=f"{prefix}{n_known}"), True
        except StackError:
            # the cluster refuses an id that somebody else took meanwhile
            if found := self.running(prefix):
                return found[0], False
            raise

    def jobs(self) -> list[SubmittedJob]:
        """Return all submitted jobs that the cluster knows, ended ones too.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        return [SubmittedJob.of(job) for job in self._dashboard.get(_JOBS) if job.get("submission_id")]

    def running(self, prefix: str) -> list[str]:
        """Return the ids of all jobs that start with `prefix` and have not ended.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        return [job.id for job in self.jobs() if job.id.startswith(prefix) and not job.ended]

    def status(self, job_id: str) -> str:
        """Return PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        return self._job(job_id).status

    def state(self, job_id: str, *, tail: int) -> JobState | None:
        """Return status, progress and the newest `tail` log lines of a job; None for an unknown one.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        found = next((job for job in self.jobs() if job.id == job_id), None)
        if found is None:
            return None
        lines = self.log_lines(job_id)
        return JobState(
            id=job_id,
            status=found.status,
            message=found.message,
            progress=JobProgress.newest(lines),
            log=lines[len(lines) - tail :] if tail < len(lines) else lines,
        )

    def wait(self, job_id: str, *, timeout_s: float) -> None:
        """Wait for the end of a job.

        Raises
        ------
        StackError
            When it fails, is stopped or takes longer than `timeout_s`; carries the end of its log.
        """
        deadline_s = time.monotonic() + timeout_s
        while not (job := self._job(job_id)).ended:
            if time.monotonic() > deadline_s:
                raise StackError(f"job {job_id} was still running after {timeout_s:.0f} s; see {self._dashboard.url}")
            time.sleep(0.25)
        if not job.succeeded:
            raise StackError(f"job {job_id} {job.status.lower()}: {self.last_line(job_id)}")

    def last_line(self, job_id: str) -> str:
        """Return how a job ended in its own words, else the last line of its log, "" when it printed nothing."""
        lines = self.log_lines(job_id)
        ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
        return next(reversed(ours or lines), "")

    def log_lines(self, job_id: str) -> list[str]:
        """Return what a job printed so far, without the cluster's own lines."""
        lines = str(self._dashboard.get(f"{_JOBS}{job_id}/logs")["logs"]).splitlines()
        return [line for line in lines if line.strip() and not _OF_THE_CLUSTER.search(line)]

    async def logs(self, job_id: str) -> AsyncIterator[str]:
        """Follow what a job prints, line by line, without the cluster's own lines, until the job ends."""
        rest = ""
        async for piece in self._dashboard.tail(job_id):
            *lines, rest = (rest + piece).split("\n")
            for line in lines:
                if not _OF_THE_CLUSTER.search(line):
                    yield line

    def exit_code(self, job_id: str) -> int:
        """Return the exit code of a job that ended; 1 for one that was stopped or never ran."""
        code = self._job(job_id).exit_code
        return 1 if code is None else code

    def stop(self, job_id: str) -> None:
        """Ask a job to stop."""
        self._dashboard.send("POST", f"{_JOBS}{job_id}/stop")

    def forget(self, job_id: str) -> None:
        """Let the cluster forget a job that ended, or that it does not know."""
        self._dashboard.request("DELETE", f"{_JOBS}{job_id}")

    def deploy(self, config: Path = SERVE_CONFIG, *, http_host: str, http_port: int) -> None:
        """Deploy the Serve application as its YAML says.

        Raises
        ------
        StackError
            When the cluster refuses the configuration.
        """
        wanted: dict[str, Any] = yaml.safe_load(config.read_text())
        wanted["http_options"] = {**wanted.get("http_options", {}), "host": http_host, "port": http_port}
        answer = self._dashboard.request("PUT", _APPLICATIONS, json=wanted)
        if answer.status_code != httpx2.codes.OK:
            raise StackError(f"Serve refused its configuration ({answer.status_code}): {answer.text[-500:]}")

    def deployed(self) -> bool:
        """Tell whether Serve knows an application; what it ran is lost with the head of the cluster."""
        return bool(self._dashboard.get(_APPLICATIONS).get("applications"))

    def ray_version(self) -> str:
        """Return the version of Ray that the cluster runs.

        Raises
        ------
        StackError
            When the cluster does not answer, or wants another token.
        """
        return str(self._dashboard.get("/api/version")["ray_version"])

    def deployment_problem(self) -> str | None:
        """Return why the application failed to start, None while it starts or runs."""
        for application in self._dashboard.get(_APPLICATIONS).get("applications", {}).values():
            if application["status"] in ("DEPLOY_FAILED", "UNHEALTHY"):
                return str(application["message"])
        return None

    def actors(self) -> set[str]:
        """Return the names of all actors that live, or that the cluster is about to bring back.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        return {actor["name"] for actor in self._dashboard.get(_ACTORS)["data"]["result"]["result"]}

    def _job(self, job_id: str) -> SubmittedJob:
        return SubmittedJob.of(self._dashboard.get(f"{_JOBS}{job_id}"))

    def _labels(self) -> list[dict[str, str]]:
        nodes = self._dashboard.get(_NODES)["data"]["result"]["result"]
        return [node["labels"] or {} for node in nodes]
