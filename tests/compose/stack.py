"""One project of Compose: its files, its containers, and how to hurt them."""

import json
import os
import re
import ssl
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from candlecast.client import CandlecastClient
from candlecast.errors import CandlecastError

ROOT = Path(__file__).parent.parent.parent
SERVICE = "com.docker.compose.service"
_STATS = "{{.Name}} {{.MemUsage}}"
_MB = {"B": 1e-6, "KiB": 1.024e-3, "MiB": 1.048576, "GiB": 1_073.741824}


class CommandFailed(AssertionError):
    """A command in a container ended badly."""


@dataclass(frozen=True, slots=True)
class ComposeStack:
    """A project with a .env file of its own; every call sees the variables of that file and no others.

    Parameters
    ----------
    folder : Path
        Holds .env, secrets/ and the recording.
    project : str
        Name of the project.
    ports : mapping of str to int
        Published ports on 127.0.0.1: api, ui, dashboard.
    """

    folder: Path
    project: str
    ports: Mapping[str, int]

    def url(self, part: str) -> str:
        """Return the address at which this machine reaches the API, the page or Ray's dashboard."""
        return f"{'https' if part == 'api' else 'http'}://127.0.0.1:{self.ports[part]}"

    def secret(self, name: str) -> str:
        """Return what the secret file `name` holds."""
        return (self.folder / "secrets" / name).read_text().strip()

    def secrets(self) -> dict[str, str]:
        """Return all secrets by name."""
        return {path.name: path.read_text().strip() for path in (self.folder / "secrets").glob("[a-z]*")}

    def compose(self, *arguments: str, limit_s: float = 120, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run one command of Compose; ``variables`` go before .env, ``input`` to its standard input."""
        command = [
            "docker",
            "compose",
            "--ansi",
            "never",
            "-p",
            self.project,
            "--env-file",
            str(self.folder / ".env"),
            *arguments,
        ]
        environment = plain_environment() | more.pop("variables", {})
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit_s, **more
        )

    def configured(self, **variables: str) -> dict[str, Any]:
        """Return what Compose makes of the file, as JSON."""
        answer = self.compose("config", "--format", "json", variables=variables)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def up(self, *arguments: str, limit_s: float) -> None:
        """Start what is missing and wait until all of it is healthy."""
        started = self.compose("up", "-d", "--wait", *arguments, limit_s=limit_s)
        assert started.returncode == 0, started.stderr[-2_000:] + self.compose("logs", "--tail=25").stdout[-12_000:]

    def wait_until_green(self, *, limit_s: float) -> None:
        """Wait until every check of the API is passed; news comes a little after the candles."""
        deadline_s, red = time.monotonic() + limit_s, ["nothing asked"]
        with self.client(timeout_s=5) as client:
            while red:
                assert time.monotonic() < deadline_s, f"not green within {limit_s:.0f} s: {red}"
                time.sleep(0.5)
                try:
                    red = [f"{check.name}: {check.detail}" for check in client.readiness().checks if not check.ok]
                except CandlecastError as error:
                    red = [str(error)]

    def remove(self) -> None:
        """Stop everything and remove it, its data too."""
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "10", limit_s=180)

    def memory_mb(self) -> dict[str, float]:
        """Return what each container holds, in 10^6 bytes, as Docker counts."""
        ids = self.compose("ps", "-q").stdout.split()
        told = subprocess.check_output(["docker", "stats", "--no-stream", "--format", _STATS, *ids], text=True)
        found = re.findall(r"^(\S+) ([\d.]+)([KMG]?i?B)", told, re.MULTILINE)
        return {name.removeprefix(f"{self.project}-"): float(number) * _MB[unit] for name, number, unit in found}

    def containers(self, *services: str, stopped: bool = False) -> list[dict[str, Any]]:
        """Return what Docker knows of each container that runs, of `services` only if any are named."""
        ids = self.compose("ps", "-qa", *services).stdout.split()
        found = json.loads(subprocess.check_output(["docker", "inspect", *ids], text=True))
        return [one for one in found if stopped or one["State"]["Running"]]

    def unnamed_volumes(self) -> list[str]:
        """Return the volumes of containers that `down` alone leaves behind: those that no service names."""
        mounts = [mount for one in self.containers(stopped=True) for mount in one["Mounts"]]
        return [mount["Name"] for mount in mounts if re.fullmatch(r"[0-9a-f]{64}", mount.get("Name", ""))]

    def volumes(self) -> list[str]:
        """Return the volumes of all containers on this machine, and those of none."""
        return subprocess.check_output(["docker", "volume", "ls", "--quiet"], text=True).split()

    def run_in(self, service: str, *command: str, limit_s: float = 120, **more: Any) -> str:
        """Run a command in a running container and return what it prints."""
        answer = self.compose("exec", "-T", service, *command, limit_s=limit_s, **more)
        if answer.returncode != 0:
            raise CommandFailed(f"{command} in {service}: {answer.stdout[-1_000:]} {answer.stderr[-2_000:]}")
        return answer.stdout

    def query(self, sql: str) -> list[list[str]]:
        """Return the rows that the database answers, as text, without a header."""
        return [line.split("|") for line in self.psql("-qAtF|", "-c", sql).splitlines()]

    def psql(self, *arguments: str) -> str:
        """Return what the database's own client prints, as its owner."""
        script = 'PGPASSWORD=$(cat /run/secrets/postgres_password) exec psql -U candlecast -d candlecast "$@"'
        return self.run_in("postgres", "sh", "-c", script, "psql", *arguments)

    def kill(self, service: str) -> None:
        """Send SIGKILL to every process of a container at once; the restart policy has to bring it back."""
        # init stays until it has seen its child end; `docker kill` would count as a wish to stop
        self.compose("exec", "-T", service, "sh", "-c", "kill -9 -1")

    def trust(self) -> ssl.SSLContext:
        """Return what trusts the certificate authority of this stack and no other."""
        return ssl.create_default_context(cadata=self.run_in("edge", "cat", "/tls/ca.crt"))

    def client(self, *, timeout_s: float = 30) -> CandlecastClient:
        """Return a client that comes through the edge with the API key."""
        transport = httpx2.HTTPTransport(verify=self.trust())
        return CandlecastClient(
            self.url("api"), api_key=self.secret("api_key"), timeout_s=timeout_s, longest_wait_s=0, transport=transport
        )

    def log_of(self, *services: str) -> str:
        """Return what services wrote to their console, of all services if none is named."""
        told = ""
        for one in self.containers(*services, stopped=True):
            kept = subprocess.run(["docker", "logs", one["Id"]], check=True, capture_output=True, text=True, timeout=60)
            told += kept.stdout + kept.stderr
        return told

    def ran_s(self, service: str) -> float:
        """Return how long a one-shot took the last time."""
        [state] = [one["State"] for one in self.containers(service, stopped=True)]
        begun, ended = (datetime.fromisoformat(state[name][:26].rstrip("Z")) for name in ("StartedAt", "FinishedAt"))
        return (ended - begun).total_seconds()


def service_of(container: Mapping[str, Any]) -> str:
    """Return the service that a container belongs to."""
    return str(container["Config"]["Labels"][SERVICE])


def plain_environment() -> dict[str, str]:
    """Return the environment without what a developer's shell may say about Candlecast or Ray."""
    return {key: value for key, value in os.environ.items() if key in ("PATH", "HOME") or key.startswith("DOCKER_")}
