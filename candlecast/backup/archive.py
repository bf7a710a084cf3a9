"""How do a manifest and its files become one stream and files again? A tar whose members are held to their digests."""

import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from candlecast.backup.manifest import NAME, Manifest, read_manifest
from candlecast.errors import InvalidRequestError

_MANIFEST_BYTES = 16 * 2**20
_BLOCK_BYTES = 2**20


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def write_archive(stream: IO[bytes], manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write a manifest, then the files that it names.

    Parameters
    ----------
    stream : binary file
        Need not be able to seek.
    manifest : Manifest
        Comes first.
    files : mapping of str to Path
        Where the members lie, by name.
    """
    with tarfile.open(fileobj=stream, mode="w|") as archive:
        content = manifest.encoded()
        archive.addfile(_member(NAME, len(content)), BytesIO(content))
        for name, path in files.items():
            with path.open("rb") as file:
                archive.addfile(_member(name, path.stat().st_size), file)


def unpack_archive(stream: IO[bytes], folder: Path) -> Manifest:
    """Write the members into `folder` and return the manifest; every one must be there and as it was written.

    Parameters
    ----------
    stream : binary file
        Need not be able to seek.
    folder : Path
        Empty.

    Raises
    ------
    InvalidRequestError
        When the stream is no backup, or was cut off or changed.
    """
    with _reading(stream) as archive:
        first = archive.next()
        content = archive.extractfile(first) if first is not None and first.name == NAME and first.isreg() else None
        if content is None:
            raise InvalidRequestError(f"the file is no backup of Candlecast: it does not begin with {NAME}")
        manifest = read_manifest(content.read(_MANIFEST_BYTES))
        found = set()
        while (member := archive.next()) is not None:
            found.add(_unpack(archive, member, manifest, folder))
    if missing := sorted(set(manifest.files) - found):
        raise InvalidRequestError(f"the backup lacks {missing[0]} and {len(missing) - 1} more; it was cut off")
    return manifest


@contextmanager
def _reading(stream: IO[bytes]) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive
    except (tarfile.TarError, EOFError) as error:
        raise InvalidRequestError(f"the file is no whole backup of Candlecast: {error}") from error


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, folder: Path) -> str:
    # a sparse member is as long as it says, whatever little it holds
    content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
    if member.name not in manifest.files or content is None:
        raise InvalidRequestError(f"the backup holds {member.name!r}, which its manifest does not name as a file")
    path, digest = folder / member.name, sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != manifest.files[member.name]:
        raise InvalidRequestError(f"{member.name} in the backup was changed or cut off: its SHA-256 differs")
    return member.name


def _member(name: str, n_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = n_bytes, 0o600
    return member
