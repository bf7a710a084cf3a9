"""Which ports of the stack are taken, and by whom: by itself, or by a stranger?"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from candlecast.doctor.finding import Finding, broken, well
from cluster.ports import Ports, taken_ports
from cluster.sweep import marked_processes

_LISTENS = "0A"


def look_at_ports(ports: Ports, *, folder: Path) -> Finding:
    """Try every fixed port; one that the stack in `folder` listens on itself is well.

    Parameters
    ----------
    ports : Ports
        Of the stack.
    folder : Path
        Of the stack, absolute.
    """
    taken = taken_ports(ports)
    ours = listened_on(stack_processes(folder)) if taken else set()
    foreign = {part: port for part, port in taken.items() if port not in ours}
    if foreign:
        named = ", ".join(f"{port} ({part})" for part, port in foreign.items())
        detail = f"{named} on 127.0.0.1 taken by another program than the stack in {folder}"
        return broken(detail, "stop that program, or shift all ports with --port-offset 100")
    told = f"{len(taken)} are those of the running stack" if taken else "no stack runs"
    return well(f"all that the stack needs are free or its own; {told} in {folder}")


def stack_processes(folder: Path) -> set[int]:
    """Return the processes of the stack in `folder`: those that carry its mark, its first one, and all below them.

    Some write their title over their environment, and with it over the mark.
    """
    parents = {pid: parent for pid, parent in map(_parent, _pids()) if parent}
    found = set(marked_processes(folder)) | _first_process(folder)
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def listened_on(pids: Iterable[int]) -> set[int]:
    """Return the TCP ports that some processes listen on."""
    sockets = {inode for pid in pids for inode in _sockets(pid)}
    return {port for port, inode in _listeners() if inode in sockets}


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> tuple[int, int]:
    # a name may hold spaces and brackets; 0 when it ended meanwhile
    with suppress(OSError):
        return pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid, 0


def _first_process(folder: Path) -> set[int]:
    # the number outlives the stack, and may be another program's by then
    with suppress(OSError, ValueError):
        pid = int((folder / "lock").read_text())
        if b"candlecast" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return {pid}
    return set()


def _listeners() -> list[tuple[int, str]]:
    rows = [row.split() for name in ("tcp", "tcp6") for row in _lines(Path("/proc/net") / name)[1:]]
    return [(int(row[1].rpartition(":")[2], 16), row[9]) for row in rows if row[3] == _LISTENS]


def _lines(path: Path) -> list[str]:
    # no file where there is no IPv6
    return path.read_text().splitlines() if path.exists() else []


def _sockets(pid: int) -> list[str]:
    found: list[str] = []
    # it may end, and close what it holds, meanwhile
    with suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.append(str(file.readlink()))
    return [link[len("socket:[") : -1] for link in found if link.startswith("socket:[")]
