"""Ray's own HTTP interface as somebody outside of the stack uses it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.compose.stack import ComposeStack

TRAIN_NODE = {"role": "train"}
ENDED = ("SUCCEEDED", "FAILED", "STOPPED")


@dataclass(frozen=True, slots=True)
class RayApi:
    """Jobs, nodes and actors of a stack, with its token.

    Parameters
    ----------
    stack : ComposeStack
        Whose cluster.
    """

    stack: ComposeStack

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        return self._request("GET", path)

    def stop(self, job_id: str) -> None:
        """Tell a job to stop."""
        self._request("POST", f"/api/jobs/{job_id}/stop")

    def alive(self, kind: str) -> list[dict[str, Any]]:
        """Return what is alive of `kind`, nodes or actors."""
        told = self.get(f"/api/v0/{kind}?detail=1&limit=1000")["data"]["result"]["result"]
        return [found for found in told if found["state"] == "ALIVE"]

    def answers(self) -> bool:
        """Tell whether jobs can be asked for."""
        try:
            self.get("/api/jobs/")
        except httpx2.HTTPError:
            return False
        return True

    def _request(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.stack.secret('ray_token')}"}
        answer = httpx2.request(method, f"{self.stack.url('dashboard')}{path}", headers=headers, timeout=30)
        return answer.raise_for_status().json()

    def submit(self, *entrypoint: str, wait: bool = True, limit_s: float = 240) -> "Submitted":
        """Submit a job with Ray's own command, its driver on a node that trains."""
        ray = str(Path(sys.executable).with_name("ray"))
        options = ["--address", self.stack.url("dashboard"), "--entrypoint-label-selector", json.dumps(TRAIN_NODE)]
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(self.stack.folder / "secrets" / "ray_token")}
        answer = subprocess.run(
            [ray, "job", "submit", *options, *([] if wait else ["--no-wait"]), "--", *entrypoint],
            env={**os.environ, **token, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=limit_s,
        )
        return Submitted(answer.returncode, answer.stdout + answer.stderr)

    def status(self, job_id: str) -> str:
        """Return the state of a job."""
        return str(self.get(f"/api/jobs/{job_id}")["status"])

    def log(self, job_id: str) -> str:
        """Return what a job has printed so far."""
        return str(self.get(f"/api/jobs/{job_id}/logs")["logs"])

    def wait_for_line(self, job_id: str, text: str, *, limit_s: float) -> None:
        """Wait until a job has printed `text`."""
        deadline_s = time.monotonic() + limit_s
        while text not in (told := self.log(job_id)):
            assert time.monotonic() < deadline_s, f"job {job_id} did not say {text!r}: {told}"
            assert self.status(job_id) not in ENDED, told
            time.sleep(0.25)

    def took_s(self, job_id: str) -> float:
        """Return how long a job ran, from its submission to its end."""
        told = self.get(f"/api/jobs/{job_id}")
        return (int(told["end_time"]) - int(told["start_time"])) / 1_000

    def ended(self, job_id: str, *, limit_s: float) -> str:
        """Wait for the end of a job and return its state; the head may be away meanwhile."""
        deadline_s, status = time.monotonic() + limit_s, "not asked"
        while time.monotonic() < deadline_s:
            try:
                status = self.status(job_id)
            except httpx2.HTTPError as error:
                status = str(error)
            if status in ENDED:
                return status
            time.sleep(0.5)
        raise AssertionError(f"job {job_id} did not end within {limit_s:.0f} s: {status}")


@dataclass(frozen=True, slots=True)
class Submitted:
    """How ``ray job submit`` ended, and what it printed."""

    code: int
    text: str

    @property
    def job_id(self) -> str:
        """Return the id that the command tells."""
        return self.text.split("Job '", 1)[1].split("'", 1)[0]
