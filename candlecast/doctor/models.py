"""Are the models there, untouched and readable: those that serve, those that may, and the one that judges texts?"""

from collections.abc import Sequence
from pathlib import Path

from candlecast.bootstrap import open_database
from candlecast.doctor.finding import Finding, broken, skipped, together, warning, well
from candlecast.errors import ModelIntegrityError, ModelNotReadyError, StackError, StorageError
from candlecast.registry import Registry
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelRecord, ModelStore

_RESTORE = "candlecast models rollback, or restore the file from a backup, or candlecast train"
_TEXTS = ("transformer", "ensemble")


def look_at_models(settings: Settings) -> Finding:
    """Load every champion; compare the files of all other models with their digests."""
    try:
        database = open_database(settings)
        try:
            store = ModelStore(database)
            records = [one for one in store.list() if not one.pruned]
        finally:
            database.close()
    except (StorageError, StackError):
        return skipped("the database that lists them does not answer")
    champions = [one for one in records if one.status == "champion"]
    if not champions:
        return warning(f"{len(records)} are kept, none is promoted: there are no forecasts", "candlecast train")
    registry = Registry(store, settings.models.folder)
    return together(_wrongs(records, registry), otherwise=_told(champions, len(records)))


def look_at_sentiment(settings: Settings) -> Finding:
    """Compare the files of the model that judges texts with their digests."""
    from candlecast.sentiment.model_folder import open_model_folder

    engine, model = settings.sentiment.engine, Path(settings.sentiment.model)
    if engine not in _TEXTS:
        return skipped(f"engine {engine} needs no model")
    if not model.is_dir():
        return skipped(f"{model} is no folder here: it is fetched by its name when it is first used")
    try:
        found = open_model_folder(model)
    except (ModelIntegrityError, ModelNotReadyError) as error:
        return broken(str(error), "restore the folder, as by `git checkout ml_models`, or name another model")
    return well(f"{model} is as it was made, version {found.version}")


def _wrongs(records: Sequence[ModelRecord], registry: Registry) -> list[Finding]:
    # takes seconds to import
    from candlecast.models.artefacts import load_model
    from candlecast.models.digests import read_artefact

    findings = []
    for record in records:
        serves = record.status == "champion"
        try:
            if serves:
                load_model(registry.artefact(record), sha256=record.sha256)
            else:
                read_artefact(registry.artefact(record), digest=record.sha256)
        except ModelIntegrityError as error:
            findings.append(broken(str(error), _RESTORE) if serves else warning(str(error), "candlecast models prune"))
    return findings


def _told(champions: Sequence[ModelRecord], n_kept: int) -> str:
    scopes = ", ".join(f"{one.timeframe} h{one.horizon}" for one in champions)
    return f"{len(champions)} serve ({scopes}) and load, {n_kept} are kept as they were made"
