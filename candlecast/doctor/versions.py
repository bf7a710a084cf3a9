"""Is what is installed what the lock names?"""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from candlecast.doctor.finding import Finding, broken, skipped, together, warning

OLDEST = (3, 11)
# beside the packages, in a checkout as in an image
LOCK = Path(__file__).parent.parent.parent / "requirements.lock"
_SHOWN = 5
# all nodes of a cluster must have the same
_EXACT = "ray"


def look_at_versions(lock: Path = LOCK, *, python: Sequence[int] = sys.version_info[:3]) -> Finding:
    """Compare Python and every installed package with what is asked for.

    Parameters
    ----------
    lock : Path
        Requirements with ``==``, as `make lock` writes them.
    python : sequence of int
        Version of the interpreter.
    """
    told = ".".join(map(str, python))
    if tuple(python[:2]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return broken(f"Python {told} is older than {oldest}", f"make setup PYTHON=python{oldest}")
    if not lock.is_file():
        return skipped(f"Python {told}; there is no {lock.name} to compare packages with")
    wanted = [one for one in locked(lock) if one.marker is None or one.marker.evaluate()]
    return together(list(_differences(wanted)), otherwise=f"Python {told}, {len(wanted)} packages as in {lock.name}")


def locked(lock: Path) -> Iterator[Requirement]:
    """Yield what a lock file names, its hashes left out."""
    for line in lock.read_text().splitlines():
        if line and not line.startswith((" ", "#", "-")):
            yield Requirement(line.removesuffix("\\").strip())


def _differences(wanted: Sequence[Requirement]) -> Iterator[Finding]:
    found = {one.name: _installed(one.name) for one in wanted}
    missing = [name for name, present in found.items() if present is None]
    others = [one for one in wanted if (has := found[one.name]) and Version(has) not in one.specifier]
    if missing:
        yield broken(f"{len(missing)} packages are missing: {_few(missing)}", "make setup")
    told = [f"{one.name} {found[one.name]} in place of {str(one.specifier)[2:]}" for one in others]
    if any(one.name == _EXACT for one in others):
        yield broken(f"{_few(told)}; nodes with another version of Ray cannot join", "make setup")
    elif others:
        yield warning(f"{len(others)} packages are other than locked: {_few(told)}", "make setup")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
