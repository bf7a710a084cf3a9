"""Answers "what comes next?": one recorded forecast per symbol, horizon and closed candle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from candlecast.clock import Clock
from candlecast.errors import InsufficientHistoryError, InvalidRequestError, StaleDataError, UnknownSymbolError
from candlecast.forecasts.champions import Champion, Champions
from candlecast.forecasts.ledger import LedgerEntry
from candlecast.forecasts.market import ForecastMarket
from candlecast.forecasts.news import ForecastNews, NewsView
from candlecast.forecasts.path import HISTORY_CANDLES, Context, make_forecast
from candlecast.forecasts.values import ForecastValues
from candlecast.market.calendars import target_time
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.schemas import DataState, Forecast, ModelRef, SentimentState
from candlecast.storage.postgres.candles import CandleStore, NewestCandle
from candlecast.storage.postgres.predictions import PredictionStore

MAX_HORIZON = 96
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One wanted forecast, names checked."""

    symbol: Symbol
    timeframe: str
    horizon: int


class ForecastService:
    """Makes each forecast once, records it before its outcome, and answers the record ever after.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    clock : Clock
        Market time.
    candles : CandleStore
        Stored candles.
    ledger : PredictionStore
        Where forecasts are recorded.
    champions : Champions
        The promoted model of each timeframe and horizon.
    news : ForecastNews or None
        What the news had said; None: forecasts go without.
    """

    def __init__(
        self,
        *,
        symbols: Mapping[str, tuple[Symbol, int]],
        clock: Clock,
        candles: CandleStore,
        ledger: PredictionStore,
        champions: Champions,
        news: ForecastNews | None = None,
    ) -> None:
        self._symbols = symbols
        self._clock = clock
        self._candles = candles
        self._ledger = ledger
        self._champions = champions
        self._news = news
        self._market = ForecastMarket(symbols=symbols, candles=candles)
        self._made: dict[tuple[str, str, int, datetime, str], Forecast] = {}
        self._lock = Lock()

    def latest(self, symbol: str, timeframe: str, horizon: int) -> Forecast:
        """Return the forecast from the newest closed candle of `symbol`.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the request names something that is not followed.
        ModelNotReadyError
            When no model is promoted for the timeframe and horizon.
        InsufficientHistoryError
            When the symbol has too few candles.
        StaleDataError
            When the newest candle is so old that its target time has passed and no forecast was
            recorded for it.
        """
        wanted = self._check(symbol, timeframe, horizon)
        champion = self._champions.get(timeframe, horizon)
        newest = self._newest(wanted)
        key = (symbol, timeframe, horizon, newest.close_time, champion.id)
        forecast = self._made.get(key)
        if forecast is None:
            forecast = self._recorded_or_made(wanted, champion, newest)
            self._remember(key, forecast)
        return self._with_age(forecast, newest)

    def _check(self, symbol: str, timeframe: str, horizon: int) -> Wanted:
        timeframe_s(timeframe)
        if not 1 <= horizon <= MAX_HORIZON:
            raise InvalidRequestError(f"horizon must be between 1 and {MAX_HORIZON} candles, was {horizon}")
        if symbol not in self._symbols:
            raise UnknownSymbolError(symbol, self._symbols)
        return Wanted(self._symbols[symbol][0], timeframe, horizon)

    def _newest(self, wanted: Wanted) -> NewestCandle:
        found = self._candles.newest(wanted.timeframe, until=self._clock.now()).get(wanted.symbol.name)
        if found is None:
            raise InsufficientHistoryError(
                f"{wanted.symbol.name} {wanted.timeframe} has no stored candle yet; wait for the backfill "
                "or run `candlecast backfill`"
            )
        return found

    def _recorded_or_made(self, wanted: Wanted, champion: Champion, newest: NewestCandle) -> Forecast:
        with self._lock:
            recorded = self._ledger.latest(wanted.symbol.name, wanted.timeframe, wanted.horizon, champion.id)
            if recorded is not None and recorded.as_of == newest.close_time:
                return recorded
            due = self._target_time(wanted, newest)
            if due <= self._clock.now():
                if recorded is not None:
                    return recorded
                raise StaleDataError(
                    f"newest {wanted.timeframe} candle of {wanted.symbol.name} closed at "
                    f"{newest.close_time:%Y-%m-%d %H:%M}Z and its target time {due:%Y-%m-%d %H:%M}Z has passed; "
                    "wait for the next candle or check /readyz"
                )
            return self._make(wanted, champion, newest)

    def _make(self, wanted: Wanted, champion: Champion, newest: NewestCandle) -> Forecast:
        _, symbol_id = self._symbols[wanted.symbol.name]
        candles = self._candles.read(symbol_id, wanted.timeframe, until=newest.close_time, limit=HISTORY_CANDLES)
        model, as_of = champion.model, newest.close_time
        known = NewsView() if self._news is None else self._news.of(symbol_id, as_of=as_of, facts=model.facts)
        market = self._market.of(wanted.symbol, as_of=as_of, facts=model.facts)
        made_at = self._clock.now()
        context = Context(known.stories, market)
        values = make_forecast(
            candles, model=model, symbol=wanted.symbol, as_of=as_of, made_at=made_at, context=context
        )
        forecast = _to_forecast(wanted, values, champion=champion, newest=newest, sentiment=known.state)
        [stored] = self._ledger.record([LedgerEntry(forecast, values.features_digest)])
        return stored

    def _target_time(self, wanted: Wanted, newest: NewestCandle) -> datetime:
        return target_time(
            newest.close_time, timeframe=wanted.timeframe, horizon=wanted.horizon, calendar=wanted.symbol.calendar
        )

    def _with_age(self, forecast: Forecast, newest: NewestCandle) -> Forecast:
        now = self._clock.now()
        state = DataState(
            age_s=(now - newest.close_time).total_seconds(), stale=now >= forecast.target_time, source=newest.source
        )
        return forecast.model_copy(update={"data": state})

    def _remember(self, key: tuple[str, str, int, datetime, str], forecast: Forecast) -> None:
        if len(self._made) >= _REMEMBERED:
            self._made.pop(next(iter(self._made)))
        self._made[key] = forecast


def _to_forecast(
    wanted: Wanted, values: ForecastValues, *, champion: Champion, newest: NewestCandle, sentiment: SentimentState
) -> Forecast:
    return Forecast(
        symbol=wanted.symbol.name,
        timeframe=wanted.timeframe,
        horizon=wanted.horizon,
        made_at=values.made_at,
        as_of=newest.close_time,
        target_time=values.target_time,
        last_close=values.last_close,
        p_up=values.p_up,
        direction=values.direction,
        abstain_reason=values.abstain_reason,
        expected_log_return=values.expected_log_return,
        expected_volatility=values.expected_volatility,
        intervals=list(values.intervals),
        sentiment=sentiment,
        drivers=list(values.drivers),
        model=ModelRef(
            id=champion.id,
            algorithm=champion.algorithm,
            trained_at=champion.trained_at,
            coverage_recent=values.coverage_recent,
        ),
        data=DataState(age_s=0.0, stale=False, source=newest.source),
    )
