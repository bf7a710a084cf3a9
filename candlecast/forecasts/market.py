"""What had the other symbols done when a forecast is made? Read from the stored candles, once a close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.market.candles import Symbol
from candlecast.models.direction import ModelFacts
from candlecast.storage.postgres.candles import CandleStore


@dataclass(frozen=True, slots=True)
class _Known:
    """A market and the newest stored close of each symbol when it was read."""

    closes: Mapping[str, datetime]
    returns: MarketReturns


class ForecastMarket:
    """Reads the market that a model learned from, as of a close and as far as it is stored.

    The candles of one close come one after the other: until a symbol's has come, it is missing from
    the mean, as in training when it has a gap. A candle that is revised after its market was read
    counts from the next close on.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    candles : CandleStore
        Stored candles.
    """

    def __init__(self, *, symbols: Mapping[str, tuple[Symbol, int]], candles: CandleStore) -> None:
        self._symbols = symbols
        self._candles = candles
        self._known: dict[tuple[str, tuple[str, ...]], _Known] = {}

    def of(self, symbol: Symbol, *, as_of: datetime, facts: ModelFacts) -> MarketReturns:
        """Return the market of `symbol`: the followed symbols of its asset class that the model learned from.

        Parameters
        ----------
        symbol : Symbol
            Who is forecast.
        as_of : datetime
            Close of its newest candle, aware UTC; later candles of others are not read.
        facts : ModelFacts
            Of the model that will forecast.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        names = tuple(name for name in facts.symbols if self._is_peer(name, symbol))
        closes = {
            name: newest.close_time
            for name, newest in self._candles.newest(facts.timeframe, until=as_of, symbols=names).items()
        }
        known = self._known.get((facts.timeframe, names))
        if known is None or known.closes != closes:
            known = _Known(closes, self._read(names, as_of=as_of, timeframe=facts.timeframe))
            self._known[facts.timeframe, names] = known
        return known.returns

    def _is_peer(self, name: str, symbol: Symbol) -> bool:
        return name in self._symbols and self._symbols[name][0].asset_class == symbol.asset_class

    def _read(self, names: tuple[str, ...], *, as_of: datetime, timeframe: str) -> MarketReturns:
        return MarketReturns.of(
            {
                name: self._candles.read(self._symbols[name][1], timeframe, until=as_of, limit=MARKET_WINDOW_CANDLES)
                for name in names
            }
        )
