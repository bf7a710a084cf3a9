"""Is this PostgreSQL data folder fit to be served? Makes it once and repairs what a crash left."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from candlecast.clock import wall_s
from candlecast.errors import StackError
from candlecast.storage import leash
from candlecast.storage.process import in_user_namespace, spawn

INITDB_TIMEOUT_S = 60.0
SHUTDOWN_TIMEOUT_S = 10.0


def create_data_folder(data: Path, *, binaries: Path, owner: str, password: str) -> None:
    """Make the data folder of a server, unless it is there; a half-made one is made again.

    Parameters
    ----------
    data : Path
        The data folder.
    binaries : Path
        Folder of ``initdb``.
    owner : str
        Superuser of the new server.
    password : str
        Its password, checked by SCRAM on every connection.

    Raises
    ------
    StackError
        When ``initdb`` fails; the message holds the last line of its log.
    """
    if (data / "PG_VERSION").exists():
        return
    half_made = data.with_name(f"{data.name}.making")
    shutil.rmtree(half_made, ignore_errors=True)
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix="password-") as password_file:
        password_file.write(f"{password}\n")
        password_file.flush()
        _run_initdb(half_made, binaries=binaries, owner=owner, password_file=Path(password_file.name))
    half_made.rename(data)


def repair_pid_file(data: Path) -> None:
    """Delete a ``postmaster.pid`` that is empty, or whose process is a zombie or no server of this folder.

    A server that is still shutting down is waited for, at most `SHUTDOWN_TIMEOUT_S`.

    Raises
    ------
    StackError
        When a living server serves `data`.
    """
    file = data / "postmaster.pid"
    deadline_s = wall_s() + SHUTDOWN_TIMEOUT_S
    while (pid := _recorded_pid(file)) is not None and _serves(pid, data):
        if wall_s() > deadline_s:
            raise StackError(f"folder {data} is served already by process {pid}; stop that one, or use another folder")
        time.sleep(0.02)
    file.unlink(missing_ok=True)


def _run_initdb(folder: Path, *, binaries: Path, owner: str, password_file: Path) -> None:
    command: list[str | Path] = [binaries / "initdb", "-D", folder, "-U", owner, f"--pwfile={password_file}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "-c", "timezone=UTC"]
    child = spawn(
        in_user_namespace(command) if os.geteuid() == 0 else command,
        log_file=folder.with_name("initdb.log"),
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        cwd=Path("/"),
    )
    child.wait(INITDB_TIMEOUT_S)
    code = child.stop()
    if code == leash.NAMESPACE_REFUSED_CODE:
        raise StackError("PostgreSQL refuses root and this machine forbids user namespaces; run as an ordinary user")
    if code != 0:
        raise StackError(f"PostgreSQL's initdb failed (exit {code}): {child.last_line()}; see {child.log_file}")


def _recorded_pid(file: Path) -> int | None:
    # A crash can leave an empty file, which PostgreSQL takes for a server that is starting.
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _serves(pid: int, data: Path) -> bool:
    # The postmaster's working folder is its data folder; a zombie has none.
    process = Path("/proc") / str(pid)
    try:
        return (process / "comm").read_text().strip() == "postgres" and (process / "cwd").resolve() == data.resolve()
    except FileNotFoundError:
        return False
    except PermissionError:
        return True
