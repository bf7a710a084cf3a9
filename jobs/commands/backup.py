"""Backups: everything that cannot be had again in one file, and back."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from candlecast.errors import InvalidRequestError
from candlecast.settings import Settings
from jobs.entry import EXIT_FAILED, load_settings

if TYPE_CHECKING:
    from candlecast.backup.manifest import Manifest
    from candlecast.backup.restoring import Restored

Folder = Annotated[Path | None, typer.Option(help="folder of the stack of `candlecast run`")]

_PIPE = Path("-")


def backup(
    file: Annotated[Path, typer.Argument(help="what to write, as candlecast.tar; - for standard output")],
    world: Annotated[str, typer.Option(help="data set of a stack that holds several and does not run")] = "",
    folder: Folder = None,
) -> None:
    """Write the database and the models that it names into one file, while everything goes on.

    Example: candlecast backup backups/monday.tar
    """
    from candlecast.backup.taking import new_file, take_backup
    from cluster.backup import place_to_read

    settings = _settings(folder)
    with place_to_read(settings, world=world) as place:
        if file == _PIPE:
            manifest = take_backup(place, sys.stdout.buffer, scratch=Path(tempfile.gettempdir()))
        else:
            with new_file(file) as stream:
                manifest = take_backup(place, stream, scratch=file.parent)
    # standard output may be the backup itself
    typer.echo(f"backed up {manifest.world}: {_counts(manifest)}", err=True)


def restore(
    file: Annotated[Path, typer.Argument(help="what `candlecast backup` wrote; - for standard input")],
    force: Annotated[
        bool, typer.Option("--force", help="put a database that is not empty aside; take a broken record as it is")
    ] = False,
    folder: Folder = None,
) -> None:
    """Bring a backup back, check every row of it, and only then put it in the place of what is there.

    Nothing but PostgreSQL may run. Exit 1 when the record is not whole.

    Example: candlecast restore backups/monday.tar
    """
    from candlecast.backup.archive import unpack_archive
    from candlecast.backup.restoring import restore_backup
    from cluster.backup import place_to_write

    settings = _settings(folder)
    with _opened(file) as stream, tempfile.TemporaryDirectory(dir=_scratch(file), prefix=".restore-") as scratch:
        manifest = unpack_archive(stream, Path(scratch))
        with place_to_write(settings, world=manifest.world) as place:
            found = restore_backup(place, manifest, Path(scratch), force=force)
    for line in _told(found):
        typer.echo(line)
    if found.record.broken:
        raise typer.Exit(EXIT_FAILED)


def _told(found: "Restored") -> Iterator[str]:
    manifest, record = found.manifest, found.record
    yield f"restored {manifest.world} of {manifest.made_at}: {_counts(manifest)}"
    if found.former:
        yield f"what was there before is kept as database {found.former}; drop it when it is not needed"
    yield from (place.line for place in record.broken)
    looked = f"{record.n_forecasts:,} forecasts in {record.n_series:,} chains and {record.n_outcomes:,} outcomes"
    yield f"{looked}: {'the record is whole' if not record.broken else f'{len(record.broken):,} places do not fit'}"


def _counts(manifest: "Manifest") -> str:
    rows = ", ".join(f"{n:,} rows in {table}" for table, n in manifest.counts.items())
    return f"{rows}, {len(manifest.artefacts)} models with their files"


def _settings(folder: Path | None) -> Settings:
    settings = load_settings()
    if folder is None:
        return settings
    return settings.model_copy(update={"stack": settings.stack.model_copy(update={"folder": folder})})


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if file == _PIPE:
        yield sys.stdin.buffer
        return
    if not file.is_file():
        raise InvalidRequestError(f"backup {file} is not there; name a file that `candlecast backup` wrote")
    with file.open("rb") as stream:
        yield stream


def _scratch(file: Path) -> Path:
    # the dump may be large, and temporary folders are often memory
    beside = file != _PIPE and os.access(file.parent, os.W_OK)
    return file.parent if beside else Path(tempfile.gettempdir())
