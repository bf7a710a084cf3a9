"""Keeps an eye on the models that serve: what settles, and every few candles what they read."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from candlecast.clock import Clock
from candlecast.features.table import WARM_UP_CANDLES
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.record.alarms import DriftKind, DriftState
from candlecast.record.drift import Finding, RecordMonitor, candle_scores, settled_frame
from candlecast.record.feature_drift import (
    MIN_WINDOWS,
    REFERENCE_CANDLES,
    WINDOW_CANDLES,
    FeatureProfile,
    feature_windows,
)
from candlecast.record.outcomes import SettledForecast
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.drift import DriftStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.record import RecordStore, SettledScope

HISTORY_CANDLES = 1_000
SAMPLED_SYMBOLS = 8
# a few tell the level of the loss; all of them would be hundreds of thousands of rows
WARMED_BY_SYMBOLS = 20
_FEATURES_EVERY_CANDLES = 24
_FEATURES_EVERY_S = 60.0
Followed = Mapping[str, tuple[Symbol, int]]


class DriftWatch:
    """Finds drift of the models that serve one timeframe.

    Parameters
    ----------
    database : Database
        Record, candles, models, and where findings are kept.
    clock : Clock
        Market time.
    timeframe : str
        The followed timeframe.
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    """

    def __init__(self, database: Database, *, clock: Clock, timeframe: str, symbols: Followed) -> None:
        self._models = ModelStore(database)
        self._record = RecordStore(database)
        self._candles = CandleStore(database)
        self._states = DriftStore(database)
        self._clock = clock
        self._timeframe = timeframe
        self._symbols = symbols
        self._monitors: dict[str, RecordMonitor] = {}
        self._profiles: dict[str, FeatureProfile | None] = {}
        self._looked: tuple[datetime, float] | None = None

    def forget(self) -> None:
        """Have the record read anew at the next look: some of what settled was never shown."""
        self._monitors.clear()

    def look(self, settled: Sequence[SettledForecast]) -> list[DriftState]:
        """Take in what settled since the last look, and return what changed: alarms raised or over.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        now = self._clock.now()
        champions = [one for one in self._models.list(self._timeframe) if one.status == "champion"]
        found: dict[tuple[int, str, DriftKind], Finding] = {}
        for champion in champions:
            monitor = self._fed(champion, settled, now=now)
            found[champion.horizon, champion.id, "loss"] = monitor.loss()
            found[champion.horizon, champion.id, "coverage"] = monitor.coverage()
        if self._features_due(now):
            for champion in champions:
                if (finding := self._features(champion, now=now)) is not None:
                    found[champion.horizon, champion.id, "features"] = finding
        return self._keep(found, now=now)

    def _fed(self, champion: ModelRecord, settled: Sequence[SettledForecast], *, now: datetime) -> RecordMonitor:
        monitor = self._monitors.get(champion.id)
        if monitor is None:
            # what settled just now is in the record already
            monitor = self._monitors[champion.id] = RecordMonitor(champion.horizon)
            start = now - timedelta(seconds=HISTORY_CANDLES * timeframe_s(self._timeframe))
            scope = SettledScope(
                timeframe=champion.timeframe,
                horizon=champion.horizon,
                model_id=champion.id,
                symbols=sorted(champion.symbols)[:WARMED_BY_SYMBOLS],
                start=start,
                with_levels=True,
            )
            frame = self._record.settled(scope)
        else:
            frame = settled_frame([one for one in settled if one.forecast.model_id == champion.id])
        for score in candle_scores(frame):
            monitor.observe(score)
        return monitor

    def _features_due(self, now: datetime) -> bool:
        every = timedelta(seconds=_FEATURES_EVERY_CANDLES * timeframe_s(self._timeframe))
        if self._looked is not None:
            market, wall_s = self._looked
            if now - market < every or time.monotonic() - wall_s < _FEATURES_EVERY_S:
                return False
        self._looked = (now, time.monotonic())
        return True

    def _features(self, champion: ModelRecord, *, now: datetime) -> Finding | None:
        names = [name for name in sorted(champion.symbols) if name in self._symbols][:SAMPLED_SYMBOLS]
        if champion.id not in self._profiles:
            windows = feature_windows(self._panel(names, until=champion.data_end, n_candles=REFERENCE_CANDLES))
            self._profiles[champion.id] = FeatureProfile.of(windows) if len(windows) >= MIN_WINDOWS else None
        profile = self._profiles[champion.id]
        recent = feature_windows(self._panel(names, until=now, n_candles=WINDOW_CANDLES))
        return None if profile is None or not recent else profile.judge(recent[-1])

    def _panel(self, names: Sequence[str], *, until: datetime, n_candles: int) -> dict[str, pd.DataFrame]:
        limit = WARM_UP_CANDLES + n_candles
        return {
            name: self._candles.read(self._symbols[name][1], self._timeframe, until=until, limit=limit)
            for name in names
        }

    def _keep(self, found: Mapping[tuple[int, str, DriftKind], Finding], *, now: datetime) -> list[DriftState]:
        known = {(one.horizon, one.model_id, one.kind): one for one in self._states.states(self._timeframe)}
        fresh, changed = [], []
        for (horizon, model_id, kind), finding in found.items():
            state = DriftState(self._timeframe, horizon, model_id, kind, finding.alarm, now, now, finding.detail)
            before = known.get((horizon, model_id, kind))
            if before is not None and before.alarm == state.alarm:
                state = replace(state, since=before.since)
            elif before is not None or state.alarm:
                changed.append(state)
            fresh.append(state)
        self._states.keep(fresh)
        return changed + self._states.end_former(self._timeframe, at=now)
