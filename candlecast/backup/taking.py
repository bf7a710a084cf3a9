"""How is a backup taken while everything goes on? The database of one moment, then the models that it names."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from candlecast.backup import manifest as names
from candlecast.backup.archive import digest_of, write_archive
from candlecast.backup.manifest import Manifest
from candlecast.backup.place import Place
from candlecast.clock import wall_s
from candlecast.errors import InvalidRequestError, ModelIntegrityError
from candlecast.models.digests import MANIFEST, read_artefact
from candlecast.storage.postgres.dump import dump_database


def take_backup(place: Place, stream: IO[bytes], *, scratch: Path) -> Manifest:
    """Write a backup of `place` into `stream`.

    Parameters
    ----------
    place : Place
        What is backed up; it may be in use.
    stream : binary file
        Need not be able to seek.
    scratch : Path
        Folder with room for the dump, which is removed.

    Returns
    -------
    Manifest
        What is in the backup.

    Raises
    ------
    StorageError
        When the database does not answer or cannot be dumped.
    ModelIntegrityError
        When a model's files are missing or differ from their digests.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".backup-") as folder:
        dump = Path(folder) / names.DATABASE
        made_at = datetime.fromtimestamp(wall_s(), UTC)
        contents = dump_database(place.owner_url, dump)
        files = {names.DATABASE: dump, **_model_files(place.models, contents.artefacts)}
        if place.replay_state is not None and place.replay_state.exists():
            # it is written all the time: what is digested must be what is sent
            files[names.REPLAY] = Path(folder) / names.REPLAY
            files[names.REPLAY].write_bytes(place.replay_state.read_bytes())
        manifest = Manifest(
            made_at=made_at.isoformat(timespec="seconds"),
            schema=contents.schema,
            world=place.world,
            counts=contents.counts,
            artefacts=contents.artefacts,
            files={name: digest_of(path) for name, path in files.items()},
        )
        write_archive(stream, manifest, files)
    return manifest


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Lend a file that gets its name when it is whole, readable by its owner alone.

    Raises
    ------
    InvalidRequestError
        When there is a file of that name already.
    """
    if path.exists():
        raise InvalidRequestError(f"{path} is there already; name another file, or move that one away")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _model_files(folder: Path, artefacts: Mapping[str, str]) -> dict[str, Path]:
    files = {}
    for path, digest in artefacts.items():
        for name in _artefact_files(folder / path, digest=digest):
            files[f"{names.MODELS}/{path}/{name}"] = folder / path / name
    return files


def _artefact_files(artefact: Path, *, digest: str) -> list[str]:
    try:
        _, files = read_artefact(artefact, digest=digest)
    except ModelIntegrityError as error:
        raise ModelIntegrityError(
            f"model {artefact.name} cannot be backed up: {error}; if it was pruned just now, take the backup again"
        ) from error
    return [MANIFEST, *files]
