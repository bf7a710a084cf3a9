"""Talks to a running cluster over its HTTP API: jobs in, applications in, status out."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import yaml
from ray.job_submission import JobStatus, JobSubmissionClient

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings

SERVE_CONFIG = Path(__file__).parent.parent / "serve" / "config.yaml"
_OF_THE_CLUSTER = re.compile(r"^Running entrypoint for job|\s(INFO|WARNING) \w+\.py:\d+ -- ")
_FINAL = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.STOPPED)


class ClusterClient:
    """A client of the dashboard: submits jobs and deploys the Serve application.

    Parameters
    ----------
    settings : ClusterSettings
        Address of the dashboard and the file with its token.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self._url = settings.jobs_url
        self._headers = _authorization(settings.token_file)
        self._jobs: JobSubmissionClient | None = None

    def wait_until_up(self, *, timeout_s: float) -> None:
        """Wait until the dashboard answers.

        Raises
        ------
        StackError
            When it does not within `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if _answers(f"{self._url}/api/gcs_healthz"):
                return
            time.sleep(0.2)
        raise StackError(f"the Ray dashboard at {self._url} did not answer within {timeout_s:.0f} s")

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        """Submit `entrypoint` as a Ray Job and return its id.

        Raises
        ------
        StackError
            When the cluster refuses the job.
        """
        try:
            return str(self._client().submit_job(entrypoint=entrypoint, submission_id=submission_id))
        except RuntimeError as error:
            raise StackError(f"job {entrypoint!r} was not accepted by {self._url}: {error}") from error

    def status(self, job_id: str) -> str:
        """Return PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED."""
        return str(self._client().get_job_status(job_id).value)

    def wait(self, job_id: str, *, timeout_s: float) -> None:
        """Wait for the end of a job.

        Raises
        ------
        StackError
            When it fails, is stopped or takes longer than `timeout_s`; carries the end of its log.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            status = self._client().get_job_status(job_id)
            if status in _FINAL:
                break
            time.sleep(0.25)
        else:
            raise StackError(f"job {job_id} was still running after {timeout_s:.0f} s; see {self._url}")
        if status is not JobStatus.SUCCEEDED:
            raise StackError(f"job {job_id} {status.value.lower()}: {self.last_line(job_id)}")

    def last_line(self, job_id: str) -> str:
        """Return the last line of a job's log, empty when it printed nothing."""
        return next(reversed(self.log_lines(job_id)), "")

    def log_lines(self, job_id: str) -> list[str]:
        """Return what a job printed so far, without the cluster's own lines."""
        lines = str(self._client().get_job_logs(job_id)).splitlines()
        return [line for line in lines if line.strip() and not _OF_THE_CLUSTER.search(line)]

    def logs(self, job_id: str) -> AsyncIterator[str]:
        """Follow a job's log until the job ends."""
        return self._client().tail_job_logs(job_id)

    def stop(self, job_id: str) -> None:
        """Ask a job to stop."""
        self._client().stop_job(job_id)

    def deploy(self, config: Path = SERVE_CONFIG, *, http_host: str, http_port: int) -> None:
        """Deploy the Serve application as its YAML says.

        Raises
        ------
        StackError
            When the cluster refuses the configuration.
        """
        wanted: dict[str, Any] = yaml.safe_load(config.read_text())
        wanted["http_options"] = {**wanted.get("http_options", {}), "host": http_host, "port": http_port}
        answer = httpx2.put(f"{self._url}/api/serve/applications/", json=wanted, headers=self._headers, timeout=120)
        if answer.status_code != httpx2.codes.OK:
            raise StackError(f"Serve refused its configuration ({answer.status_code}): {answer.text[-500:]}")

    def deployment_problem(self) -> str | None:
        """Return why the application failed to start, None while it starts or runs."""
        answer = httpx2.get(f"{self._url}/api/serve/applications/", headers=self._headers, timeout=10)
        for application in answer.json().get("applications", {}).values():
            if application["status"] in ("DEPLOY_FAILED", "UNHEALTHY"):
                return str(application["message"])
        return None

    def _client(self) -> JobSubmissionClient:
        if self._jobs is None:
            try:
                self._jobs = JobSubmissionClient(self._url, headers=self._headers)
            except ConnectionError as error:
                raise StackError(f"no Ray cluster answers at {self._url}; start it with `candlecast run`") from error
        return self._jobs


def _authorization(token_file: Path | None) -> dict[str, str]:
    if token_file is None:
        return {}
    return {"Authorization": f"Bearer {token_file.read_text().strip()}"}


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
