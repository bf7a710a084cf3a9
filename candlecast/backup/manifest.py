"""What is in a backup? Its first member says so, with a digest of every other one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from candlecast.errors import InvalidRequestError

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database.dump"
REPLAY = "replay.json"
MODELS = "models"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one backup holds.

    Parameters
    ----------
    made_at : str
        Wall time of the dump, ISO 8601, UTC.
    schema : str
        Step of the schema.
    world : str
        Which data set it is of: ``live``, or the name of a recording; "" where there is but one.
    counts : mapping of str to int
        Rows of the tables that count.
    artefacts : mapping of str to str
        SHA-256 of each model's own manifest, by its path in the models' folder.
    files : mapping of str to str
        SHA-256 of every other member, by its name.
    """

    made_at: str
    schema: str
    world: str
    counts: Mapping[str, int]
    artefacts: Mapping[str, str]
    files: Mapping[str, str]
    format: int = FORMAT

    def encoded(self) -> bytes:
        """Return the manifest as it is stored."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest.

    Raises
    ------
    InvalidRequestError
        When it is none, is of another format, or names a file outside the backup.
    """
    try:
        found = _checked(Manifest(**json.loads(content)))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidRequestError(f"the file is no backup of Candlecast: {NAME} cannot be read ({error})") from error
    if found.format != FORMAT:
        raise InvalidRequestError(
            f"the backup has format {found.format}, this version reads {FORMAT}; restore it with the one that wrote it"
        )
    for name in (*found.files, *found.artefacts):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise InvalidRequestError(f"the backup names {name!r}, which lies outside of it; it was tampered with")
    return found


def _checked(found: Manifest) -> Manifest:
    texts = (found.made_at, found.schema, found.world)
    for digests in (found.artefacts, found.files):
        if not isinstance(digests, dict):
            raise TypeError("it lists no files")
        texts += (*digests, *digests.values())
    if not isinstance(found.counts, dict) or not all(isinstance(text, str) for text in texts):
        raise TypeError("it holds values of other types")
    return found
