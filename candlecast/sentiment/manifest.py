"""Are a model's files the recorded ones? A digest for each file that loading may read."""

import json
from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path

import structlog

from candlecast.errors import ModelIntegrityError

MANIFEST = "manifest.json"
_FORMAT = 1
_WEIGHTS = {".safetensors", ".bin"}
_READ = {".json", ".txt", ".model", ".onnx", ".onnx_data", *_WEIGHTS}

log = structlog.get_logger(__name__)


def write_manifest(folder: Path) -> None:
    """Record the digest of every file in `folder` that loading may read; the last thing to write into it."""
    content = {"format": _FORMAT, "files": _digests(folder, _files(folder))}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def checked_version(folder: Path, *, weights: bool = True) -> str:
    """Check `folder` against its manifest, where it has one, and return its version.

    Parameters
    ----------
    folder : Path
        Of a model; without a manifest it is taken as it is, and the log says so.
    weights : bool
        Whether torch's weights are read at all, and so belong to the version of a folder without manifest.

    Returns
    -------
    str
        12 hexadecimal digits that change with any file that is read.

    Raises
    ------
    ModelIntegrityError
        When a file differs from its recorded digest, is missing or is not recorded.
    """
    if (folder / MANIFEST).is_file():
        digests = _check(folder, _recorded(folder / MANIFEST))
    else:
        log.warning("model has no manifest: its files are taken as they are", folder=str(folder))
        digests = _digests(folder, [name for name in _files(folder) if weights or Path(name).suffix not in _WEIGHTS])
    return sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:12]


def _recorded(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_bytes())
        files = dict(content["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelIntegrityError(f"{path} cannot be read ({type(error).__name__}); restore the folder") from error
    if content.get("format") != _FORMAT:
        raise ModelIntegrityError(f"{path} has format {content.get('format')}, not {_FORMAT}; make the model again")
    return files


def _check(folder: Path, recorded: dict[str, str]) -> dict[str, str]:
    if missing := [name for name in recorded if not (folder / name).is_file()]:
        raise ModelIntegrityError(f"{folder / missing[0]} is missing; restore the folder")
    if unknown := [name for name in _files(folder) if name not in recorded]:
        raise ModelIntegrityError(f"{folder / unknown[0]} is not in {MANIFEST}; remove it or restore the folder")
    found = _digests(folder, recorded)
    for name, digest in found.items():
        if digest != recorded[name]:
            raise ModelIntegrityError(
                f"{folder / name} has SHA-256 {digest[:16]}…, recorded was {recorded[name][:16]}…; "
                "refuse to load: restore it or train again"
            )
    return found


def _files(folder: Path) -> list[str]:
    found = [file for file in (*folder.iterdir(), *folder.glob("onnx/*")) if file.is_file() and file.suffix in _READ]
    return [str(file.relative_to(folder)) for file in found if file.name != MANIFEST]


def _digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    digests = {}
    for name in sorted(names):
        with (folder / name).open("rb") as file:
            digests[name] = file_digest(file, "sha256").hexdigest()
    return digests
