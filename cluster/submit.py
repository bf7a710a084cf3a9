"""Talks to a running cluster over its HTTP API: jobs in, applications in, status out."""

import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml
from ray.exceptions import AuthenticationError
from ray.job_submission import JobStatus, JobSubmissionClient

from candlecast.errors import StackError
from candlecast.job_progress import JobProgress, JobState
from candlecast.settings import ClusterSettings

SERVE_CONFIG = Path(__file__).parent.parent / "serve" / "config.yaml"
_OF_THE_CLUSTER = re.compile(r"^Running entrypoint for job|\s(INFO|WARNING) \w+\.py:\d+ -- ")
_OURS = "candlecast: "
_DEPLOY_TIMEOUT_S = 120
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
        # Ray's client sets itself to INFO and tells of every closed connection
        logging.getLogger("ray.dashboard.modules.job.sdk").setLevel(logging.WARNING)

    def wait_until_up(self, *, timeout_s: float) -> None:
        """Wait until the dashboard answers.

        Raises
        ------
        StackError
            When it does not within `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if answers(f"{self._url}/api/gcs_healthz"):
                return
            time.sleep(0.2)
        raise StackError(f"the Ray dashboard at {self._url} did not answer within {timeout_s:.0f} s")

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        """Submit `entrypoint` as a Ray Job and return its id.

        Raises
        ------
        StackError
            When the cluster does not answer or refuses the job.
        """
        with self._answering() as jobs:
            return str(jobs.submit_job(entrypoint=entrypoint, submission_id=submission_id))

    def submit_once(self, entrypoint: str, *, prefix: str) -> tuple[str, bool]:
        """Submit `entrypoint`, unless a job of that prefix has not ended: then that one is meant.

        Returns its id, and whether it was submitted now. Of those that ask at the same time one submits.

        Raises
        ------
        StackError
            When the cluster does not answer or refuses the job.
        """
        with self._answering() as jobs:
            n_known = sum(str(job.submission_id).startswith(prefix) for job in jobs.list_jobs())
        if found := self.running(prefix):
            return found[0], False
        try:
            return self.submit(entrypoint, submission_id=f"{prefix}{n_known}"), True
        except StackError:
            # the cluster refuses an id that somebody else took meanwhile
            if found := self.running(prefix):
                return found[0], False
            raise

    def running(self, prefix: str) -> list[str]:
        """Return the ids of all jobs that start with `prefix` and have not ended.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        with self._answering() as jobs:
            known = [(str(job.submission_id), job.status) for job in jobs.list_jobs()]
        return [job_id for job_id, status in known if job_id.startswith(prefix) and status not in _FINAL]

    def status(self, job_id: str) -> str:
        """Return PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        with self._answering() as jobs:
            return str(jobs.get_job_status(job_id).value)

    def state(self, job_id: str, *, tail: int) -> JobState | None:
        """Return status, progress and the newest `tail` log lines of a job; None for an unknown one.

        Raises
        ------
        StackError
            When the cluster does not answer.
        """
        with self._answering() as jobs:
            found = next((job for job in jobs.list_jobs() if job.submission_id == job_id), None)
        if found is None:
            return None
        lines = self.log_lines(job_id)
        return JobState(
            id=job_id,
            status=found.status.value,
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
        while (status := self.status(job_id)) not in _FINAL:
            if time.monotonic() > deadline_s:
                raise StackError(f"job {job_id} was still running after {timeout_s:.0f} s; see {self._url}")
            time.sleep(0.25)
        if status != JobStatus.SUCCEEDED:
            raise StackError(f"job {job_id} {status.lower()}: {self.last_line(job_id)}")

    def last_line(self, job_id: str) -> str:
        """Return how a job ended in its own words, else the last line of its log, "" when it printed nothing."""
        lines = self.log_lines(job_id)
        ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
        return next(reversed(ours or lines), "")

    def log_lines(self, job_id: str) -> list[str]:
        """Return what a job printed so far, without the cluster's own lines."""
        with self._answering() as jobs:
            lines = str(jobs.get_job_logs(job_id)).splitlines()
        return [line for line in lines if line.strip() and not _OF_THE_CLUSTER.search(line)]

    async def logs(self, job_id: str) -> AsyncIterator[str]:
        """Follow what a job prints, line by line, without the cluster's own lines, until the job ends."""
        rest = ""
        with self._answering() as jobs:
            async for chunk in jobs.tail_job_logs(job_id):
                *lines, rest = (rest + chunk).split("\n")
                for line in lines:
                    if not _OF_THE_CLUSTER.search(line):
                        yield line

    def exit_code(self, job_id: str) -> int:
        """Return the exit code of a job that ended; 1 for one that was stopped or never ran."""
        with self._answering() as jobs:
            code = jobs.get_job_info(job_id).driver_exit_code
        return 1 if code is None else int(code)

    def stop(self, job_id: str) -> None:
        """Ask a job to stop."""
        with self._answering() as jobs:
            jobs.stop_job(job_id)

    def deploy(self, config: Path = SERVE_CONFIG, *, http_host: str, http_port: int) -> None:
        """Deploy the Serve application as its YAML says.

        Raises
        ------
        StackError
            When the cluster refuses the configuration.
        """
        wanted: dict[str, Any] = yaml.safe_load(config.read_text())
        wanted["http_options"] = {**wanted.get("http_options", {}), "host": http_host, "port": http_port}
        answer = self._serve("PUT", json=wanted)
        if answer.status_code != httpx2.codes.OK:
            raise StackError(f"Serve refused its configuration ({answer.status_code}): {answer.text[-500:]}")

    def deployed(self) -> bool:
        """Tell whether Serve knows an application; what it ran is lost with the head of the cluster."""
        return bool(self._serve("GET").json().get("applications"))

    def deployment_problem(self) -> str | None:
        """Return why the application failed to start, None while it starts or runs."""
        for application in self._serve("GET").json().get("applications", {}).values():
            if application["status"] in ("DEPLOY_FAILED", "UNHEALTHY"):
                return str(application["message"])
        return None

    def _serve(self, method: str, **content: Any) -> httpx2.Response:
        url = f"{self._url}/api/serve/applications/"
        try:
            return httpx2.request(method, url, headers=self._headers, timeout=_DEPLOY_TIMEOUT_S, **content)
        except httpx2.TransportError as error:
            raise self._silent(error) from error

    @contextmanager
    def _answering(self) -> Iterator[JobSubmissionClient]:
        # Ray's client raises what its HTTP library raises, all of them OSErrors, and RuntimeError for a refusal
        try:
            if self._jobs is None:
                self._jobs = JobSubmissionClient(self._url, headers=self._headers)
            yield self._jobs
        except OSError as error:
            raise self._silent(error) from error
        except AuthenticationError as error:
            raise StackError(
                f'the cluster at {self._url} wants its token; run eval "$(candlecast env)" first'
            ) from error
        except RuntimeError as error:
            raise StackError(f"the cluster at {self._url} refused: {error}") from error

    def _silent(self, error: Exception) -> StackError:
        reason = str(error).splitlines()[0][:200]
        return StackError(f"no Ray cluster answers at {self._url} ({reason}); start it with `candlecast run`")


def _authorization(token_file: Path | None) -> dict[str, str]:
    if token_file is None:
        return {}
    return {"Authorization": f"Bearer {token_file.read_text().strip()}"}


def answers(url: str) -> bool:
    """Return whether a server says OK at `url`."""
    try:
        return httpx2.get(url, timeout=2).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
