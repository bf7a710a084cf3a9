"""Is an artefact what was saved? Its manifest and every file must have their recorded SHA-256."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from candlecast.errors import ModelIntegrityError

MANIFEST = "model.json"
FORMAT = 3
# what an earlier format lacks has a default
READABLE_FORMATS = (2, FORMAT)


def read_artefact(path: Path, *, digest: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest of the artefact in `path` and the content of its files.

    Nothing is interpreted before its digest matched, and what is returned is what was digested.

    Parameters
    ----------
    path : Path
        Folder of the artefact.
    digest : str
        SHA-256 of its manifest, in hexadecimal, as the registry has it.

    Raises
    ------
    ModelIntegrityError
        When a file is missing, differs from its digest or lies elsewhere, or the format is another.
    """
    manifest: dict[str, Any] = json.loads(_read(path / MANIFEST, digest=digest))
    if manifest["format"] not in READABLE_FORMATS:
        readable = " or ".join(map(str, READABLE_FORMATS))
        raise ModelIntegrityError(f"{path / MANIFEST} has format {manifest['format']}, not {readable}; train again")
    if outside := [name for name in manifest["files"] if Path(name).name != name]:
        raise ModelIntegrityError(f"{path / MANIFEST} names {outside[0]!r}, which lies outside of it; train again")
    return manifest, {name: _read(path / name, digest=found) for name, found in manifest["files"].items()}


def _read(path: Path, *, digest: str) -> bytes:
    if not path.is_file():
        raise ModelIntegrityError(f"{path} is missing; train again or restore the artefact")
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if found != digest:
        raise ModelIntegrityError(
            f"{path} has SHA-256 {found[:16]}…, recorded was {digest[:16]}…; refuse to load: train again or restore it"
        )
    return content
