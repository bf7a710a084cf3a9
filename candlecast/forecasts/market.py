"""What had the other symbols done when a forecast is made?"""

from collections.abc import Collection, Mapping

from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.market.series import CandleArrays


def market_at(close_us: int, candles: Mapping[str, CandleArrays], *, names: Collection[str]) -> MarketReturns:
    """Return the market at a close, as far as it is stored.

    The candles of one close come one after the other: until a symbol's has come, it is missing from
    the mean, as in training when it has a gap.

    Parameters
    ----------
    close_us : int
        Microseconds since 1970; later candles are not read.
    candles : mapping of str to CandleArrays
        The newest candles of the followed symbols.
    names : collection of str
        Whose market: symbols of one asset class; those that are not in `candles` are left out.
    """
    known = {name: candles[name].until(close_us).newest(MARKET_WINDOW_CANDLES) for name in names if name in candles}
    return MarketReturns.of_windows({name: (one.values, one.close_us) for name, one in known.items()})
