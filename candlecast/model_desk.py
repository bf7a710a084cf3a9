"""What the API says of models, and does with them: pages, one model, promotion and rollback."""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError
from candlecast.registry import Registry
from candlecast.schemas import ModelDetail, ModelPage, ModelSummary
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.model_pages import ModelQuery, read_models
from candlecast.storage.postgres.models import ModelRecord, ModelStore

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS_OF_THEIR_OWN = frozenset({"importance", "origin"})
_CURSOR = re.compile(r"([0-9]{1,16})-(.{1,100})")


class ModelDesk:
    """Reads and promotes models as of the market time.

    Parameters
    ----------
    database : Database
        Where their rows lie.
    registry : Registry
        Their files.
    clock : Clock
        Market time.
    followed : (str, int)
        Timeframe and horizon that a rollback means when it does not say.
    """

    def __init__(self, database: Database, *, registry: Registry, clock: Clock, followed: tuple[str, int]) -> None:
        self._followed = followed
        self._database = database
        self._store = ModelStore(database)
        self._registry = registry
        self._clock = clock

    async def page(self, wanted: ModelQuery, *, cursor: str | None) -> ModelPage:
        """Return one page of models, the newest first; `next_cursor` is None on the last one.

        Raises
        ------
        InvalidRequestError
            When the cursor is none.
        StorageError
            When the database does not answer.
        """
        # one more than wanted tells that there is a next page
        query = replace(wanted, after=_after(cursor), limit=wanted.limit + 1)
        found = await asyncio.to_thread(read_models, self._database, query)
        items = found[: wanted.limit]
        return ModelPage(items=items, next_cursor=_cursor(items[-1]) if len(found) > wanted.limit else None)

    async def find(self, model_id: str) -> ModelDetail | None:
        """Return all that is known of a model, None for an unknown one.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        record = await asyncio.to_thread(self._store.get, model_id)
        return None if record is None else detail(record)

    async def promote(self, model_id: str) -> ModelRecord | None:
        """Make a model the champion, see `Registry.promote`; None for an unknown one."""
        if await asyncio.to_thread(self._store.get, model_id) is None:
            return None
        return await asyncio.to_thread(self._registry.promote, model_id, promoted_at=self._clock.now())

    async def roll_back(self, timeframe: str | None, horizon: int | None) -> ModelRecord:
        """Let the champion before the present one serve again, see `Registry.roll_back`; None: what is followed."""
        followed_timeframe, followed_horizon = self._followed
        wanted = timeframe or followed_timeframe, followed_horizon if horizon is None else horizon
        return await asyncio.to_thread(self._registry.roll_back, *wanted)


def detail(record: ModelRecord) -> ModelDetail:
    """Return a model as the API shows it: all but where its files lie; a figure that is not finite is null."""
    known = asdict(record)
    metrics = {name: value for name, value in known["metrics"].items() if name not in _FIELDS_OF_THEIR_OWN}
    importance: Mapping[str, Any] = known["metrics"].get("importance", {})
    shown = {name: known[name] for name in ModelDetail.model_fields if name in known}
    return ModelDetail(
        **shown | {"metrics": _finite(metrics), "params": _finite(known["params"])},
        importance=_finite(importance),
        origin=known["metrics"].get("origin"),
        pruned=record.pruned,
    )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cursor(model: ModelSummary) -> str:
    return f"{(model.trained_at - _EPOCH) // timedelta(microseconds=1)}-{model.id}"


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None or "\x00" in cursor:
        raise InvalidRequestError(f"cursor {cursor[:40]!r} is not a cursor; take next_cursor of the page before")
    return _EPOCH + timedelta(microseconds=int(match[1])), match[2]
