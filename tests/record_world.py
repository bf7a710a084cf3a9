"""A ledger with candles behind it: forecasts of two symbols and two models, made each hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from candlecast.clock import ReplayClock
from candlecast.forecasts.ledger import LedgerEntry
from candlecast.market.symbols import Symbol
from candlecast.record.settler import Settler
from candlecast.schemas import Interval, ModelRef
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.builders import make_candles, make_frozen_clock
from tests.storage_builders import make_entry, make_record

SYMBOLS = ("BTC/USDT", "ETH/USDT")
HOUR = timedelta(hours=1)
LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class RecordWorld:
    """Stored candles and what was forecast from them."""

    database: Database
    candles: dict[str, pd.DataFrame]
    ids: dict[str, int]

    def close(self, symbol: str, place: int) -> tuple[datetime, float]:
        """Return when the candle number `place` closed, and at which price."""
        row = self.candles[symbol].iloc[place]
        return row["close_time"].to_pydatetime(), float(row["close"])

    def entry(
        self, symbol: str, place: int, *, horizon: int = 1, model: str = "m1", **overrides: object
    ) -> LedgerEntry:
        """Return the forecast from candle number `place`, drawn by its symbol, place and model."""
        as_of, last_close = self.close(symbol, place)
        rng = np.random.default_rng([place, len(model), SYMBOLS.index(symbol), int(model[1:])])
        widths = dict(zip(LEVELS, 0.004 * np.sqrt(horizon) * np.array([0.7, 1.3, 1.7, 2.0]), strict=True))
        p_up = float(rng.uniform(0.3, 0.7))
        values = {
            "symbol": symbol,
            "horizon": horizon,
            "as_of": as_of,
            "made_at": as_of + timedelta(seconds=3),
            "target_time": as_of + horizon * HOUR,
            "last_close": last_close,
            "p_up": p_up,
            "direction": "abstain" if abs(p_up - 0.5) < 0.02 else "up" if p_up > 0.5 else "down",
            "intervals": [
                Interval(level=level, low=last_close * np.exp(-width), high=last_close * np.exp(width))
                for level, width in widths.items()
            ],
            "model": ModelRef(id=model, algorithm="xgboost", trained_at=as_of - 24 * HOUR, coverage_recent=None),
        }
        return make_entry(0, **(values | overrides))

    def settler(self, now: datetime) -> Settler:
        """Return a settler that lives at `now`."""
        return Settler(self.database, clock=frozen(now), timeframe="1h")

    def rows(self, query: str) -> list[tuple]:
        """Return what a query of ours finds."""
        with self.database.transaction() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def frozen(now: datetime) -> ReplayClock:
    """Return a clock that stands still at `now`."""
    return make_frozen_clock(now, now + 10_000 * HOUR)


def make_world(database: Database, *, n: int = 120, left_out: tuple[int, ...] = ()) -> RecordWorld:
    """Store `n` candles a symbol, but for those of BTC/USDT numbered in `left_out`, and two models."""
    ids = SymbolStore(database).ensure([Symbol.parse(name) for name in SYMBOLS])
    for model in ("m1", "m2"):
        ModelStore(database).insert(make_record(model))
    candles = {name: make_candles(n, seed=5, symbol=name) for name in SYMBOLS}
    for name, frame in candles.items():
        kept = frame.drop(index=[*left_out]) if name == SYMBOLS[0] else frame
        CandleStore(database).upsert(ids[name], "1h", kept, source="test", quality="rest", known_at=kept["close_time"])
    return RecordWorld(database, candles, ids)


def record(world: RecordWorld, entries: list[LedgerEntry]) -> None:
    """Record forecasts in the ledger."""
    PredictionStore(world.database).record(entries)
