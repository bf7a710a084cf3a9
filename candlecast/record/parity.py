"""Would the batch path have said the same? A day of the ledger made again from what was known then."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from candlecast.errors import CandlecastError
from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.forecasts.ledger import LedgerRow
from candlecast.forecasts.news import ForecastNews
from candlecast.forecasts.path import HISTORY_CANDLES, Context, make_forecast
from candlecast.forecasts.values import ForecastValues
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.models.artefacts import load_model
from candlecast.models.direction import DirectionModel, ModelFacts
from candlecast.registry import Registry
from candlecast.schemas import Forecast
from candlecast.storage.postgres.audit import AuditStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.known_candles import KnownCandles, KnownCandleStore
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.symbols import SymbolStore

MOST_FORECASTS = 2_000
TOLERANCE = 1e-6
_OTHER_FEATURES, _NOT_MADE = "features differ", "cannot be made again"
_SIDES = ("low", "high")
_FIGURES = ("last_close", "p_up", "expected_log_return", "expected_volatility", "coverage_recent")


@dataclass(frozen=True, slots=True)
class Difference:
    """A forecast that comes out otherwise.

    Parameters
    ----------
    symbol, timeframe, horizon, model_id, as_of
        Which forecast.
    row_id : int
        Of its row in the ledger.
    what : tuple of str
        Each figure that differs, as ``p_up: served 0.51, replayed 0.52``.
    """

    symbol: str
    timeframe: str
    horizon: int
    model_id: str
    as_of: datetime
    row_id: int
    what: tuple[str, ...]

    @property
    def line(self) -> str:
        """Return the difference on one line."""
        place = f"{self.symbol} {self.timeframe} h={self.horizon} {self.model_id} as of {self.as_of:%Y-%m-%d %H:%M}Z"
        return f"{place}, row {self.row_id}: {'; '.join(self.what)}"


@dataclass(frozen=True, slots=True)
class Parity:
    """How a day compares.

    Parameters
    ----------
    day : date
        UTC day of `as_of`.
    n_recorded : int
        Forecasts of that day in the ledger.
    n_compared : int
        How many of them were made again.
    n_same_features : int
        Of those: the feature row is the same to the bit.
    n_equal : int
        Of those: every figure is the same within `TOLERANCE`, relative.
    differences : tuple of Difference
        The others, and those whose features are not the same to the bit.
    """

    day: date
    n_recorded: int
    n_compared: int
    n_same_features: int
    n_equal: int
    differences: tuple[Difference, ...]

    @property
    def share_equal(self) -> float:
        """Return the share of the compared forecasts that are equal; NaN when none was."""
        return self.n_equal / self.n_compared if self.n_compared else math.nan


@dataclass
class _Stock:
    """What is read once a day and symbol, or once a model."""

    candles: dict[tuple[int, str], KnownCandles] = field(default_factory=dict)
    models: dict[str, DirectionModel] = field(default_factory=dict)


class ParityCheck:
    """Makes recorded forecasts again: candles as known when each was made, the model by its id.

    Parameters
    ----------
    database : Database
        Ledger, candles, revisions, news.
    registry : Registry
        Artefacts of the models.
    news : ForecastNews or None
        What the news had said; None: forecasts went without.
    """

    def __init__(self, database: Database, *, registry: Registry, news: ForecastNews | None) -> None:
        self._audit = AuditStore(database)
        self._known = KnownCandleStore(database)
        self._models = ModelStore(database)
        self._symbols = {symbol.name: (symbol, number) for symbol, number in SymbolStore(database).all().items()}
        self._registry = registry
        self._news = news

    def replay(self, day: date, *, limit: int = MOST_FORECASTS) -> Parity:
        """Compare the forecasts of a UTC day; every k-th where there are more than `limit`.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        start = datetime.combine(day, datetime.min.time(), UTC)
        rows, n_recorded = self._audit.sample(start, start + timedelta(days=1), limit=limit)
        stock = _Stock()
        found = [(row, self._compare(row, stock, day_end=start + timedelta(days=1))) for row in rows]
        same = sum(not any(one.startswith((_OTHER_FEATURES, _NOT_MADE)) for one in what) for _, what in found)
        equal = sum(all(one.startswith(_OTHER_FEATURES) for one in what) for _, what in found)
        differences = tuple(_difference(row, what) for row, what in found if what)
        return Parity(day, n_recorded, len(rows), same, equal, differences)

    def _compare(self, row: LedgerRow, stock: _Stock, *, day_end: datetime) -> tuple[str, ...]:
        try:
            again = self._again(row.entry.forecast, stock, day_end=day_end)
        except CandlecastError as error:
            return (f"{_NOT_MADE}: {error}",)
        return compare(row.entry.forecast, row.entry.features_digest, again)

    def _again(self, served: Forecast, stock: _Stock, *, day_end: datetime) -> ForecastValues:
        model = self._model(served.model.id, stock)
        symbol, number = self._symbols[served.symbol]
        candles = self._candles(number, served, stock, day_end, limit=HISTORY_CANDLES)
        market = MarketReturns.of(
            {
                name: self._candles(other, served, stock, day_end, limit=MARKET_WINDOW_CANDLES)
                for name, other in self._peers(symbol, model.facts).items()
            }
        )
        stories = None
        if self._news is not None and model.facts.takes_news:
            stories = self._news.of(number, as_of=served.as_of, facts=model.facts).stories
        return make_forecast(
            candles,
            model=model,
            symbol=symbol,
            as_of=served.as_of,
            made_at=served.made_at,
            context=Context(stories, market),
        )

    def _peers(self, symbol: Symbol, facts: ModelFacts) -> Mapping[str, int]:
        known = {name: self._symbols[name] for name in facts.symbols if name in self._symbols}
        return {name: number for name, (other, number) in known.items() if other.asset_class == symbol.asset_class}

    def _candles(self, number: int, served: Forecast, stock: _Stock, day_end: datetime, *, limit: int) -> pd.DataFrame:
        place = (number, served.timeframe)
        if place not in stock.candles:
            most = HISTORY_CANDLES + 86_400 // timeframe_s(served.timeframe) + 1
            stock.candles[place] = self._known.read(number, served.timeframe, until=day_end, limit=most)
        return stock.candles[place].at(served.made_at, until=served.as_of, limit=limit)

    def _model(self, model_id: str, stock: _Stock) -> DirectionModel:
        if model_id not in stock.models:
            record = self._models.get(model_id)
            assert record is not None, "the ledger refers to models that are stored"
            stock.models[model_id] = load_model(self._registry.artefact(record), sha256=record.sha256)
        return stock.models[model_id]


def compare(served: Forecast, features_digest: str, again: ForecastValues) -> tuple[str, ...]:
    """Return what differs between a recorded forecast and the same one made again; empty: nothing."""
    found = []
    if features_digest != again.features_digest:
        drivers = {driver.feature: driver.value for driver in again.drivers}
        moved = [
            f"{one.feature} {one.value!r} is {drivers[one.feature]!r}"
            for one in served.drivers
            if one.feature in drivers and one.value != drivers[one.feature]
        ]
        found.append(f"{_OTHER_FEATURES} in their bits{f' ({moved[0]})' if moved else ''}")
    if served.direction != again.direction:
        found.append(f"direction: served {served.direction}, replayed {again.direction}")
    told = {name: getattr(served, name, None) for name in _FIGURES} | {"coverage_recent": served.model.coverage_recent}
    pairs = [(name, told[name], getattr(again, name)) for name in _FIGURES]
    ours, theirs = ({one.level: one for one in part} for part in (served.intervals, again.intervals))
    for level in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(level), theirs.get(level)
        percent = round(100 * level)
        pairs += [(f"{side}_{percent}", getattr(one, side, None), getattr(other, side, None)) for side in _SIDES]
    found += [f"{name}: served {one!r}, replayed {other!r}" for name, one, other in pairs if not _equal(one, other)]
    return tuple(found)


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE**2)


def _difference(row: LedgerRow, what: tuple[str, ...]) -> Difference:
    served = row.entry.forecast
    return Difference(served.symbol, served.timeframe, served.horizon, served.model.id, served.as_of, row.id, what)
