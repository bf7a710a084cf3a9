"""What does a model see of many symbols at once, each at its newest candle?

The numbers are those of the last row of `build_features` over the same `WARM_UP_CANDLES` candles,
bit for bit: what is served can be computed again from what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from candlecast.features.calendar import calendar_terms
from candlecast.features.indicators import Array, Columns, Prices
from candlecast.features.market import MarketReturns, market_terms
from candlecast.features.sentiment import NEWS_FEATURE_NAMES, news_terms
from candlecast.features.table import FEATURE_NAMES, RECENT_CANDLES, price_terms
from candlecast.market.calendars import Microseconds, to_times
from candlecast.sentiment.aggregate import Stories


@dataclass(frozen=True, slots=True)
class NewestColumns:
    """What the newest candle of each of m symbols says without the market and the news.

    Parameters
    ----------
    close_us : ndarray of shape (m,), int64
        When those candles closed, microseconds since 1970.
    columns : dict of str to ndarray of shape (m,)
        Price and calendar columns of `FEATURE_NAMES`.
    """

    close_us: Microseconds
    columns: Columns

    @classmethod
    def of(cls, values: Array, *, open_us: Microseconds, close_us: Microseconds) -> "NewestColumns":
        """Compute them.

        Parameters
        ----------
        values : ndarray of shape (5, m, WARM_UP_CANDLES)
            Open, high, low, close and volume of each symbol, ascending in time; an unknown volume is NaN.
        open_us, close_us : ndarray of shape (m,), int64
            When each symbol's last candle opened and closed.
        """
        prices = Prices.stacked(values)
        terms = price_terms(prices, recent=prices.newest(RECENT_CANDLES))
        columns = {name: np.ascontiguousarray(column[:, -1]) for name, column in terms.items()}
        return cls(close_us, columns | calendar_terms(open_us, close_us))

    def rows(
        self, places: Sequence[int], *, market: MarketReturns | None, news: Sequence[Stories] | None = None
    ) -> Array:
        """Return feature rows of some symbols of one asset class.

        Parameters
        ----------
        places : sequence of int
            Which of the m symbols, k of them.
        market : MarketReturns or None
            What their asset class did; None: unknown.
        news : sequence of Stories, optional
            Of each of them, for a model that takes news.

        Returns
        -------
        ndarray of shape (k, n_features)
            Columns `FEATURE_NAMES`, then `NEWS_FEATURE_NAMES` where `news` is given; missing is NaN.
        """
        own = {name: column[list(places)] for name, column in self.columns.items()}
        close_us = self.close_us[list(places)]
        columns = own | market_terms(market, close_us, own)
        found = np.column_stack([columns[name] for name in FEATURE_NAMES])
        return found if news is None else np.hstack([found, _news_block(news, to_times(close_us))])


def _news_block(news: Sequence[Stories], closes: pd.DatetimeIndex) -> Array:
    terms = [news_terms(stories, closes[place : place + 1]) for place, stories in enumerate(news)]
    return np.array([[each[name][0] for name in NEWS_FEATURE_NAMES] for each in terms], dtype=np.float64)
