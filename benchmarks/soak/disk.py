"""A disk of the soak's own, small enough to be filled without harm to anybody else."""

import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MNT_DETACH = 2
# others write meanwhile: the last rooms are small ones
_STEPS_BYTES = (2**24, 2**20, 2**14, 2**12)


def mount_own(folder: Path, *, size_mb: int) -> str:
    """Lay a disk in memory over `folder`, seen by this process and its later children alone; it ends with them.

    Call it before there are other threads that shall see it.

    Returns
    -------
    str
        Why it could not be, "" when it is there.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    steps: tuple[Callable[[], int], ...] = (
        lambda: libc.unshare(_CLONE_NEWNS),
        lambda: libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None),
        lambda: libc.mount(b"tmpfs", bytes(folder), b"tmpfs", ctypes.c_ulong(0), f"size={size_mb}m,mode=755".encode()),
    )
    for step in steps:
        if step() != 0:
            return f"no disk of its own could be mounted ({os.strerror(ctypes.get_errno())}); it needs CAP_SYS_ADMIN"
    return ""


def unmount(folder: Path) -> None:
    """Take the disk away from `folder` again; no error when there is none."""
    ctypes.CDLL(None).umount2(bytes(folder), _MNT_DETACH)


def _grow(file: int, step: int) -> None:
    while True:
        try:
            os.posix_fallocate(file, os.fstat(file).st_size, step)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of `folder` for as long as the block lasts."""
    filler = folder / "filler"
    try:
        with filler.open("wb") as file:
            for step in _STEPS_BYTES:
                _grow(file.fileno(), step)
        yield
    finally:
        filler.unlink(missing_ok=True)
