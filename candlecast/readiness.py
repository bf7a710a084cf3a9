"""Can forecasts be served, and from what data? One check a dependency."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from candlecast.clock import Clock
from candlecast.errors import StorageError
from candlecast.market.reader import MarketReader
from candlecast.schemas import Check, FeedState, Readiness, SourceState
from candlecast.settings import MarketSettings
from candlecast.storage.cache import Cache
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.postgres.candles import NewestCandle
from candlecast.storage.postgres.models import ModelStore


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
    models : ModelStore
        Promoted models.
    cache : Cache
        Redis; its absence is shown but does not make the service unready.
    feeds : FeedStates or None
        How the news feeds are; None: news is not followed.
    """

    def __init__(
        self,
        *,
        market: MarketSettings,
        clock: Clock,
        reader: MarketReader,
        models: ModelStore,
        cache: Cache,
        feeds: FeedStates | None = None,
    ) -> None:
        self._market = market
        self._clock = clock
        self._reader = reader
        self._models = models
        self._cache = cache
        self._feeds = feeds

    async def model_ready(self) -> bool:
        """Tell whether a model is promoted for the followed timeframe and horizon.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        record = await asyncio.to_thread(self._models.champion, self._reader.timeframe, self._market.horizon)
        return record is not None

    async def check(self) -> Readiness:
        """Return every check; ready when the database answers, a model is promoted and candles are stored."""
        now = self._clock.now()
        try:
            newest, model = await self._reader.newest(), await self.model_ready()
        except StorageError as error:
            newest, model = {}, False
            database = Check(name="database", ok=False, detail=str(error))
        else:
            database = Check(name="database", ok=True, detail="answers")
        feeds = {} if self._feeds is None else await self._feeds.read() or {}
        checks = [database, self._model_check(model=model), self._data_check(newest, now), await self._cache_check()]
        checks += [] if self._feeds is None else [news_check(feeds)]
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

    async def _cache_check(self) -> Check:
        answers = await self._cache.ping()
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
