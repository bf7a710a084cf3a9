"""Is there room to write, and may we?"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from candlecast.doctor.finding import Finding, broken, together

_MB = 1e6
_FEWEST_FILES = 1_000


def look_at_disk(folders: Mapping[str, Path], *, min_free_mb: float) -> Finding:
    """Look at the room where files are kept, or would be.

    Parameters
    ----------
    folders : mapping of str to Path
        By what they are for; one that is not there yet is looked for in the folders above it.
    min_free_mb : float
        Room that each needs.
    """
    places = {what: _existing(folder.absolute()) for what, folder in folders.items()}
    free_mb = {what: shutil.disk_usage(place).free / _MB for what, place in places.items()}
    findings = [one for what, place in places.items() for one in _problems(what, place, free_mb[what], min_free_mb)]
    least = min(free_mb, key=lambda what: free_mb[what])
    return together(findings, otherwise=f"{free_mb[least]:,.0f} MB free for {', '.join(folders)}")


def _problems(what: str, place: Path, free_mb: float, min_free_mb: float) -> Iterator[Finding]:
    if free_mb < min_free_mb:
        detail = f"{place} ({what}) has {free_mb:,.0f} MB free, {min_free_mb:,.0f} are needed"
        yield broken(detail, "make room: `candlecast models prune`, old logs and backups; or choose another folder")
    room = os.statvfs(place)
    if room.f_files > 0 and room.f_favail < _FEWEST_FILES:
        yield broken(f"{place} ({what}) takes {room.f_favail:,} more files", "delete files there")
    if not os.access(place, os.W_OK):
        yield broken(f"{place} ({what}) cannot be written by this user", f"chown or remount {place}")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.is_dir())
