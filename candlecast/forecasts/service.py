"""Answers "what comes next?": one recorded forecast per symbol, horizon, model and closed candle."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from candlecast.clock import Clock
from candlecast.errors import CandlecastError, InvalidRequestError, UnknownSymbolError
from candlecast.forecasts.batches import Batches, Wanted
from candlecast.forecasts.champions import Champion, Champions
from candlecast.market.series import CandleArrays, moment_of
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.schemas import DataState, Forecast
from candlecast.storage.cache import Series

MAX_HORIZON = 96


class ForecastService:
    """Makes each forecast once, records it before its outcome, and answers the record ever after.

    May be used by many threads; one works at a time.

    Parameters
    ----------
    symbols : mapping of str to Symbol
        The followed symbols by name.
    clock : Clock
        Market time.
    champions : Champions
        The promoted models and their challengers.
    batches : Batches
        Makes and records.
    """

    def __init__(self, *, symbols: Mapping[str, Symbol], clock: Clock, champions: Champions, batches: Batches) -> None:
        self._symbols = symbols
        self._clock = clock
        self._champions = champions
        self._batches = batches
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
        StorageError
            When the database does not answer.
        """
        [found] = self.forecasts([(symbol, timeframe, horizon)])
        if isinstance(found, CandlecastError):
            raise found
        return found

    def forecasts(self, items: Sequence[Series]) -> list[Forecast | CandlecastError]:
        """Return what `latest` says of each item, or its error, in order; what must be made is one batch.

        Parameters
        ----------
        items : sequence of (str, str, int)
            Symbol, timeframe and horizon.
        """
        found: dict[Series, Forecast | CandlecastError] = {}
        wanted: dict[str, list[Wanted]] = {}
        for item in dict.fromkeys(items):
            try:
                wanted.setdefault(item[1], []).append(Wanted(item[0], self._champion(item)))
            except CandlecastError as error:
                found[item] = error
        for timeframe, some in wanted.items():
            found |= self._answers(timeframe, some)
        return [found[item] for item in items]

    def renew(self, timeframe: str, closes: Mapping[str, datetime]) -> list[Forecast]:
        """Make and record what is missing, by champions and by challengers, of all horizons that are served.

        Parameters
        ----------
        timeframe : str
            Of the candles.
        closes : mapping of str to datetime
            Which symbols, each with the close of a candle that was written: one that is older than
            the newest known tells of a revision. Those that are not followed are left out.

        Returns
        -------
        list of Forecast
            Those of champions that are new, as recorded, age 0. A symbol that cannot be forecast is left out.

        Raises
        ------
        ModelIntegrityError, StorageError
            When the models or the database are out of reach; nothing is lost, try again.
        """
        names = [name for name in closes if name in self._symbols]
        with self._lock:
            wanted = [
                Wanted(name, contender, seen=seen)
                for horizon in self._champions.served(timeframe)
                for contender, seen in self._contenders(timeframe, horizon)
                for name in names
            ]
            self._batches.doubt(timeframe, closes)
            return list(self._batches.settle(timeframe, wanted).new)

    def check(self, timeframe: str) -> None:
        """Compare the candles that are held with the stored ones; what differs is read anew.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._lock:
            self._batches.check(timeframe)

    def reload(self) -> None:
        """Load and check the promoted models now; who is forecasting keeps what he has.

        Raises
        ------
        StorageError
            When the database does not answer: what is loaded stays.
        """
        self._champions.reload()

    def _answers(self, timeframe: str, wanted: Sequence[Wanted]) -> dict[Series, Forecast | CandlecastError]:
        try:
            with self._lock:
                batch = self._batches.settle(timeframe, wanted)
        except CandlecastError as error:
            return {one.series[:3]: error for one in wanted}
        return {
            one.series[:3]: found
            if isinstance(found, CandlecastError)
            else self._with_age(found, batch.candles[one.name])
            for one, found in zip(wanted, batch.found, strict=True)
        }

    def _champion(self, item: Series) -> Champion:
        symbol, timeframe, horizon = item
        timeframe_s(timeframe)
        if not 1 <= horizon <= MAX_HORIZON:
            raise InvalidRequestError(f"horizon must be between 1 and {MAX_HORIZON} candles, was {horizon}")
        if symbol not in self._symbols:
            raise UnknownSymbolError(symbol, self._symbols)
        return self._champions.get(timeframe, horizon)

    def _contenders(self, timeframe: str, horizon: int) -> list[tuple[Champion, bool]]:
        champion = self._champions.get(timeframe, horizon)
        return [(champion, True), *((shadow, False) for shadow in self._champions.shadows(timeframe, horizon))]

    def _with_age(self, forecast: Forecast, candles: CandleArrays) -> Forecast:
        now = self._clock.now()
        age_s = (now - moment_of(int(candles.close_us[-1]))).total_seconds()
        state = DataState(age_s=age_s, stale=now >= forecast.target_time, source=candles.source)
        return forecast.model_copy(update={"data": state})
