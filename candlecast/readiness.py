"""Can forecasts be served, and from what data? One check a dependency."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from candlecast.clock import Clock
from candlecast.errors import StorageError
from candlecast.market.reader import MarketReader
from candlecast.record.alarms import drift_check
from candlecast.schemas import Check, FeedState, Readiness, SourceState
from candlecast.settings import MarketSettings
from candlecast.storage.cache import Cache
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.postgres.candles import NewestCandle
from candlecast.storage.postgres.drift import DriftStore
from candlecast.storage.postgres.models import ModelStore


@dataclass(frozen=True, slots=True)
class Watched:
    """What readiness looks at beside the candles.

    Parameters
    ----------
    models : ModelStore
        Promoted models.
    cache : Cache
        Redis; its absence is shown but does not make the service unready.
    feeds : FeedStates or None
        How the news feeds are; None: news is not followed.
    drift : DriftStore or None
        What drifts; shown, but does not make the service unready.
    """

    models: ModelStore
    cache: Cache
    feeds: FeedStates | None = None
    drift: DriftStore | None = None


class ReadinessProbe:
    """Checks database, cache, model and data.

    Parameters
    ----------
    market : MarketSettings
        Resolved settings: source, banner, horizon.
    clock : Clock
        Market time.
    reader : MarketReader
        Newest candles.
    watched : Watched
        All else.
    """

    def __init__(self, *, market: MarketSettings, clock: Clock, reader: MarketReader, watched: Watched) -> None:
        self._market = market
        self._clock = clock
        self._reader = reader
        self._watched = watched

    async def model_ready(self) -> bool:
        """Tell whether a model is promoted for the followed timeframe and horizon.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        record = await asyncio.to_thread(self._watched.models.champion, self._reader.timeframe, self._market.horizon)
        return record is not None

    async def check(self) -> Readiness:
        """Return every check; ready when the database answers, a model is promoted and candles are stored."""
        now = self._clock.now()
        try:
            newest, model = await self._reader.newest(), await self.model_ready()
            drifts = await self._drift_checks()
        except StorageError as error:
            newest, model, drifts = {}, False, []
            database = Check(name="database", ok=False, detail=str(error))
        else:
            database = Check(name="database", ok=True, detail="answers")
        feeds = {} if self._watched.feeds is None else await self._watched.feeds.read() or {}
        checks = [database, self._model_check(model=model), self._data_check(newest, now), await self._cache_check()]
        checks += [*drifts, *([] if self._watched.feeds is None else [news_check(feeds)])]
        return Readiness(
            ready=all(check.ok for check in checks[:2]) and bool(newest),
            source=self._market.source,
            banner=self._banner(),
            market_time=now,
            checks=checks,
            data_age_s={name: (now - candle.close_time).total_seconds() for name, candle in newest.items()},
            sources={
                name: SourceState(source=candle.source, quality=candle.quality) for name, candle in newest.items()
            },
            feeds=feeds,
        )

    def _banner(self) -> str | None:
        if not self._clock.ended():
            return self._market.banner or None
        return f"{self._market.banner} The recording ended; its last forecasts stay readable.".strip()

    def _model_check(self, *, model: bool) -> Check:
        what = f"{self._reader.timeframe}, horizon {self._market.horizon}"
        detail = f"promoted for {what}" if model else f"none promoted for {what}: run `candlecast train`"
        return Check(name="model", ok=model, detail=detail)

    def _data_check(self, newest: dict[str, NewestCandle], now: datetime) -> Check:
        if not newest:
            return Check(name="data", ok=False, detail="no candle stored yet: run `candlecast backfill`")
        if self._clock.ended():
            return Check(name="data", ok=True, detail="recording ended")
        old = self._reader.late(newest, now)
        state = f"candles are late for {', '.join(old)}" if old else "newest candles are in time"
        return Check(name="data", ok=not old, detail="; ".join([state, *_detours(newest)]))

    async def _drift_checks(self) -> list[Check]:
        if self._watched.drift is None:
            return []
        return [drift_check(await asyncio.to_thread(self._watched.drift.states, self._reader.timeframe))]

    async def _cache_check(self) -> Check:
        answers = await self._watched.cache.ping()
        return Check(name="redis", ok=answers, detail="answers" if answers else "down: slower, nothing is lost")


def news_check(feeds: Mapping[str, FeedState]) -> Check:
    """Return how the news feeds are as a whole: one that answers is enough, but each that does not is named."""
    failing = [f"{name} ({state.reason})" for name, state in feeds.items() if state.state == "failing"]
    n_ok = sum(state.state in ("ok", "resting") for state in feeds.values())
    if not feeds:
        return Check(name="news", ok=False, detail="nobody collects news yet: forecasts go without it")
    told = [f"{n_ok} of {len(feeds)} feeds answer"] + ([f"failing: {', '.join(failing)}"] if failing else [])
    return Check(name="news", ok=n_ok > 0, detail="; ".join(told))


def _detours(newest: dict[str, NewestCandle]) -> list[str]:
    # they can be forecast from, but nobody shall wonder where they came from
    said = {"failover": "from another than the home venue", "late": "got after its time"}
    groups = {
        quality: [f"{name} ({candle.source})" for name, candle in newest.items() if candle.quality == quality]
        for quality in said
    }
    return [f"{said[quality]}: {', '.join(names)}" for quality, names in groups.items() if names]
