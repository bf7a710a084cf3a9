"""Everything that one number of symbols needs: candles, a model, and what makes forecasts in this process."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from candlecast.forecasts.batches import Batches, Desk
from candlecast.forecasts.champions import Champions
from candlecast.forecasts.maker import BatchMaker
from candlecast.forecasts.service import ForecastService
from candlecast.forecasts.windows import SeriesWindows
from candlecast.ingest.intake import Delivery, Origin, deliver
from candlecast.market.symbols import Symbol
from candlecast.models.artefacts import save_model
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.rows import collect_rows
from candlecast.registry import Registry
from candlecast.replay.recordings import Recording
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.misses import MissStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.series_reads import SeriesReads

HOUR = timedelta(hours=1)
TIMEFRAME, TRAINED_ON = "1h", 6


class SteppedClock:
    """Market time that moves when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the time at which it stands."""
        return self.moment

    def wall_s_until(self, moment: datetime) -> float:
        """Return the seconds that are left."""
        return max(0.0, (moment - self.moment).total_seconds())

    def ended(self) -> bool:
        """Return False."""
        return False


@dataclass(frozen=True, slots=True)
class World:
    """Everything of one number of symbols."""

    recording: Recording
    database: Database
    symbols: Mapping[str, tuple[Symbol, int]]
    clock: SteppedClock
    folder: Path


def write_history(world: World) -> float:
    """Store all that has closed, and return the seconds that took."""
    store, now = CandleStore(world.database), world.clock.now()
    started_s = time.perf_counter()
    for name, (_, number) in world.symbols.items():
        candles = world.recording.series[name].candles
        closed = candles[candles["close_time"] <= now]
        store.upsert(number, TIMEFRAME, closed, source="generated", quality="rest", known_at=closed["close_time"])
    return time.perf_counter() - started_s


def promote_model(world: World, *, timeframe: str = TIMEFRAME) -> None:
    """Train one model of default size on a few symbols, and promote it."""
    until = world.clock.now()
    some = list(world.symbols)[:TRAINED_ON]
    series = {name: world.recording.series[name].candles for name in some}
    panel = {name: candles[candles["close_time"] <= until] for name, candles in series.items()}
    rows, _ = collect_rows(panel, timeframe=timeframe, horizon=1)
    model = fit_model(rows, train=np.arange(len(rows.closes)), config=TrainingConfig(timeframe=timeframe, nthread=1))
    artefact, facts = save_model(model, world.folder), model.facts
    registry = Registry(ModelStore(world.database), world.folder)
    record = ModelRecord(
        id=artefact.path.name, symbols=some, timeframe=timeframe, horizon=1, algorithm=facts.algorithm,
        features=list(facts.feature_names), metrics={}, params=facts.params, data_start=facts.data_start,
        data_end=facts.data_end, artefact_path=str(artefact.path), sha256=artefact.sha256, trained_at=until,
    )  # fmt: skip
    registry.register(record)
    registry.promote(record.id, promoted_at=until)


def open_service(world: World) -> ForecastService:
    """Return what makes forecasts, as a replica of the forecaster has it."""
    candles, numbers = CandleStore(world.database), {name: number for name, (_, number) in world.symbols.items()}

    def open_desk(timeframe: str) -> Desk:
        windows = SeriesWindows(timeframe, numbers=numbers, reads=SeriesReads(world.database), candles=candles)
        return Desk(windows, BatchMaker(symbols=world.symbols, windows=windows, candles=candles, news=None))

    return ForecastService(
        symbols={name: symbol for name, (symbol, _) in world.symbols.items()},
        clock=world.clock,
        champions=Champions(Registry(ModelStore(world.database), world.folder)),
        batches=Batches(
            symbols=world.symbols, clock=world.clock, open_desk=open_desk,
            record=PredictionStore(world.database), misses=MissStore(world.database),
        ),
    )  # fmt: skip


def delivery_of(world: World) -> Delivery:
    """Return the candles that closed just now, one a symbol, as a stream delivers them."""
    now = world.clock.now()
    parts = []
    for name, (_, number) in world.symbols.items():
        candles = world.recording.series[name].candles
        closed = candles[candles["close_time"] == now.replace(second=0)]
        origin = Origin(number, "generated", "stream", asked_at=now, received_at=now, live_since=now - HOUR)
        parts.append(deliver(closed, origin).rows)
    return Delivery(pd.concat(parts, ignore_index=True))
