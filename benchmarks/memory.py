"""How much memory do processes hold? What several share counts once (PSS)."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def pss_mb(pids: Iterable[int]) -> float:
    """Return the proportional set size of all processes together, in 10^6 bytes; one that has ended counts nothing."""
    return sum(map(_pss_kb, pids)) * 1_024 / 1e6


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0
