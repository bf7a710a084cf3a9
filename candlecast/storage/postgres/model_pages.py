"""How is a page of models read? Newest first, without what makes their rows long."""

from dataclasses import dataclass
from datetime import datetime

from candlecast.schemas import ModelState, ModelSummary
from candlecast.storage.postgres.database import Database

_FIELDS = ("id", "status", "timeframe", "horizon", "algorithm", "symbols", "trained_at", "promoted_at")
_SELECT = f"""
SELECT {", ".join(_FIELDS)}, artefact_path = '' FROM model_metadata
WHERE timeframe = coalesce(%(timeframe)s, timeframe) AND horizon = coalesce(%(horizon)s, horizon)
    AND status = coalesce(%(status)s, status)"""
_AFTER = " AND (trained_at, id) < (%(after_time)s, %(after_id)s)"
_ORDER = " ORDER BY trained_at DESC, id DESC LIMIT %(limit)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelQuery:
    """Which models are wanted; None stands for any.

    Parameters
    ----------
    timeframe : str or None
        What they forecast.
    horizon : int or None
        Candles ahead.
    status : str or None
        ``candidate``, ``champion`` or ``retired``.
    after : (datetime, str) or None
        ``trained_at`` and ``id`` of the last model of the page before.
    limit : int
        Most models.
    """

    timeframe: str | None = None
    horizon: int | None = None
    status: ModelState | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


def read_models(database: Database, query: ModelQuery) -> list[ModelSummary]:
    """Return the models that meet `query`, descending by ``trained_at`` and ``id``.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    after_time, after_id = query.after or (None, None)
    parameters = {name: getattr(query, name) for name in ("timeframe", "horizon", "status", "limit")}
    parameters |= {"after_time": after_time, "after_id": after_id}
    with database.transaction() as cursor:
        cursor.execute(_SELECT + (_AFTER if query.after else "") + _ORDER, parameters)
        rows = cursor.fetchall()
    return [ModelSummary(**dict(zip((*_FIELDS, "pruned"), row, strict=True))) for row in rows]
