"""How does a backup come back? Beside what is there, looked at to the last row, and only then in its place."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from candlecast.backup import manifest as names
from candlecast.backup.manifest import Manifest
from candlecast.backup.place import Place
from candlecast.errors import InvalidRequestError, ModelIntegrityError, StorageError
from candlecast.models.digests import read_artefact
from candlecast.record.verify import Verification, verify_record
from candlecast.storage.postgres import migrate
from candlecast.storage.postgres.audit import AuditStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.dump import read_contents
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.record import RecordStore
from candlecast.storage.postgres.replacing import Replacement, replacement


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Parameters
    ----------
    manifest : Manifest
        What the backup holds.
    record : Verification
        What checking every chain and outcome found.
    former : str or None
        Database that holds what was there before; None where there was nothing.
    """

    manifest: Manifest
    record: Verification
    former: str | None


def restore_backup(place: Place, manifest: Manifest, folder: Path, *, force: bool) -> Restored:
    """Bring an unpacked backup back into `place`, which nobody may use meanwhile.

    The schema is brought to this version's newest step. Until all of it is there and checked, `place`
    stays as it was.

    Parameters
    ----------
    place : Place
        Where to.
    manifest : Manifest
        Of the backup.
    folder : Path
        Where its members lie, on the file system they are to be kept on or another.
    force : bool
        Whether a database that holds something makes way (it is kept under another name), and a
        record that is not whole is taken as it is.

    Raises
    ------
    InvalidRequestError
        When the database is not empty, or the record is not whole, and `force` is not given.
    StorageError
        When the database is in use, does not answer or refuses the dump.
    ModelIntegrityError
        When a model in the backup is not the one that its database names.
    """
    before = read_contents(place.owner_url)
    if not before.empty and not force:
        held = ", ".join(f"{n:,} rows in {table}" for table, n in before.counts.items() if n)
        raise InvalidRequestError(
            f"the database is not empty ({held}); --force puts it aside under another name and restores"
        )
    _check_models(folder / names.MODELS, manifest.artefacts)
    with replacement(place.owner_url) as draft:
        draft.require_unused()
        draft.load(folder / names.DATABASE)
        record = _check_draft(draft, place, manifest, force=force)
        # the models before the rows that name them
        _place_models(folder / names.MODELS, place.models, manifest.artefacts)
        former = draft.take_place(keep_former=not before.empty)
    replayed = folder / names.REPLAY
    if place.replay_state is not None and replayed.exists():
        shutil.copyfile(replayed, place.replay_state)
    return Restored(manifest, record, former)


def _check_draft(draft: Replacement, place: Place, manifest: Manifest, *, force: bool) -> Verification:
    application = urlsplit(place.app_url)
    user, password = unquote(application.username or ""), unquote(application.password or "")
    found = read_contents(draft.url)
    if found.counts != manifest.counts or found.artefacts != manifest.artefacts:
        raise StorageError(f"the restored database holds {dict(found.counts)}, the backup {dict(manifest.counts)}")
    migrate.upgrade(draft.url, app_user=user, app_password=password)
    database = Database(draft.url)
    try:
        record = verify_record(AuditStore(database), PredictionStore(database), RecordStore(database))
    finally:
        database.close()
    if record.broken and not force:
        raise InvalidRequestError(
            f"the record in the backup is not whole: {len(record.broken)} places do not fit, the first is "
            f"{record.broken[0].line}; --force restores it as it is"
        )
    return record


def _check_models(folder: Path, artefacts: Mapping[str, str]) -> None:
    for path, digest in artefacts.items():
        read_artefact(folder / path, digest=digest)


def _place_models(source: Path, target: Path, artefacts: Mapping[str, str]) -> None:
    for path, digest in artefacts.items():
        try:
            read_artefact(target / path, digest=digest)
        except ModelIntegrityError:
            _place(source / path, target / path)


def _place(source: Path, target: Path) -> None:
    # under another name first, so that no half-copied model is ever found
    draft = target.with_name(f".draft-{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
