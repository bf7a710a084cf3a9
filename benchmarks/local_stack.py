"""`candlecast run` on a recording, as a user starts it, for benchmarks of the whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memory import pss_mb

from cluster.ports import Ports
from cluster.sweep import marked_processes

START_LIMIT_S, STOP_LIMIT_S = 240, 60
READY = "page http://"
# what a developer's shell may say is not part of the measured stack
_STRANGE = ("CANDLECAST_", "RAY_")


@dataclass
class LocalStack:
    """One stack in a folder of its own; its output lies beside that folder.

    Parameters
    ----------
    folder : Path
        Where its data stay between starts.
    ports : Ports
        Where it listens.
    flags : sequence of str
        What follows ``candlecast run --source recorded``.
    """

    folder: Path
    ports: Ports
    flags: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def output(self) -> Path:
        """What it says."""
        return self.folder.with_suffix(".log")

    def start(self) -> None:
        """Start it and return at once."""
        command = [str(Path(sys.executable).with_name("candlecast")), "run", "--source", "recorded", *self.flags]
        command += ["--folder", str(self.folder), "--port-offset", str(self.ports.offset)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGE)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)

    def require_alive(self) -> None:
        """Fail with what it said last if it has ended."""
        if self.process is None or self.process.poll() is not None:
            raise SystemExit(f"the stack ended: {self.output.read_text()[-800:]}")

    def wait_until_ready(self) -> None:
        """Return as soon as it says that all of it is up."""
        deadline_s = time.monotonic() + START_LIMIT_S
        while READY not in self.output.read_text():
            self.require_alive()
            if time.monotonic() > deadline_s:
                raise SystemExit(f"the stack did not start: {self.output.read_text()[-800:]}")
            time.sleep(0.2)

    def memory_mb(self) -> float:
        """Return what all its processes hold, in 10^6 bytes, what they share counted once."""
        assert self.process is not None
        return pss_mb({*marked_processes(self.folder), self.process.pid})

    def stop(self) -> None:
        """Stop it; its data stay."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(STOP_LIMIT_S)
