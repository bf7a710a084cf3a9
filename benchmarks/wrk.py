"""Load from wrk, a process of its own: requests a second and the 99th percentile of the latency."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured."""

    rps: float
    p99_ms: float


def get(url: str, *, connections: int, seconds: int) -> Load:
    """Ask `url` over and over.

    Raises
    ------
    SystemExit
        When an answer is not 2xx or a connection broke.
    """
    return _run([url], connections=connections, seconds=seconds)


def post(url: str, body: dict[str, Any], folder: Path, *, connections: int, seconds: int) -> Load:
    """Send `body` over and over; a script for wrk is written into `folder`."""
    script = folder / "post.lua"
    content = json.dumps(body).replace("\\", "\\\\").replace("'", "\\'")
    script.write_text(
        f"wrk.method = 'POST'\nwrk.body = '{content}'\nwrk.headers['Content-Type'] = 'application/json'\n"
    )
    return _run(["-s", str(script), url], connections=connections, seconds=seconds)


def _run(rest: list[str], *, connections: int, seconds: int) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *rest]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk met errors:\n{said}")
    rate, tail = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or tail is None:
        raise SystemExit(f"wrk said nothing of use:\n{said}")
    return Load(float(rate[1]), float(tail[1]) * _UNITS_MS[tail[2]])
