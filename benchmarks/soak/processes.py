"""Which processes belong to a stack, what is each of them, and what does it hold?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.sweep import marked_processes

# the first that is found in a command line tells the group
_GROUPS = (
    ("ApiDeployment", "api"),
    ("ForecasterDeployment", "forecaster"),
    ("SentimentDeployment", "sentiment"),
    ("IngestActor", "ingest actor"),
    ("SupervisorActor", "supervisor"),
    ("DutiesActor", "duties"),
    ("ServeController", "serve control"),
    ("ProxyActor", "serve control"),
    ("HAProxyManager", "serve control"),
    ("JobSupervisor", "job"),
    ("-m jobs.", "job"),
    ("ray::", "worker"),
    ("postgres", "postgres"),
    ("valkey-server", "redis"),
    ("haproxy", "haproxy"),
    ("-m ui", "page"),
    ("-m candlecast.replay", "replay"),
    ("candlecast run", "run"),
)
RAY, RUN = "ray", "run"
# come and go with the work there is
PASSING = frozenset({"worker", "job"})


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: memory of its own in bytes, open files, threads."""

    group: str
    memory_bytes: int
    n_files: int
    n_threads: int


def group_of(command: str) -> str:
    """Return the group of a process by its command line; what is none of ours is Ray's."""
    return next((group for needle, group in _GROUPS if needle in command), RAY)


def stack_processes(folder: Path, *, run_pid: int) -> dict[int, str]:
    """Return the group of each live process of the stack in `folder`, by pid."""
    # Valkey overwrites the mark in its environment, as PostgreSQL does that of its children
    found = {pid: command_of(pid) for pid in {*marked_processes(folder), *_children(run_pid)}}
    known = {pid: group_of(command) for pid, command in found.items() if command}
    backends = [child for pid in pids_of(known, "postgres") for child in _children(pid)]
    return {**known, **dict.fromkeys(backends, "backends"), run_pid: RUN}


def pids_of(processes: Mapping[int, str], group: str) -> list[int]:
    """Return the pids of a group, ascending."""
    return sorted(pid for pid, found in processes.items() if found == group)


def command_of(pid: int) -> str:
    """Return the command line of a process, "" when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def held_by(pid: int, group: str) -> Held | None:
    """Return what a process holds; None when it has ended."""
    process = Path(f"/proc/{pid}")
    try:
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
        n_files = sum(1 for _ in (process / "fd").iterdir())
        return Held(group, int(status["RssAnon"].split()[0]) * 1_024, n_files, int(status["Threads"]))
    except (OSError, KeyError):
        return None


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
