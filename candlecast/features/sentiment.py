"""What had the news said by each close?"""

import numpy as np
import pandas as pd

from candlecast.features.indicators import Columns
from candlecast.market.calendars import to_microseconds
from candlecast.sentiment.aggregate import BASELINE_S, WINDOW_S, Stories, aggregate

NEWS_FEATURE_NAMES: tuple[str, ...] = (
    "news_score",
    "news_count",
    "news_dispersion",
    "news_negative_share",
    "news_surprise",
    "news_known",
)
NEWS_DAYS = (WINDOW_S + BASELINE_S) // 86_400


def news_terms(stories: Stories, closes: pd.DatetimeIndex) -> Columns:
    """Return what the stories known by each close add up to; see `candlecast.sentiment.aggregate`.

    Parameters
    ----------
    stories : Stories
        Scored stories of the symbol, dated ones only: what a model learns from it is served.
    closes : DatetimeIndex of shape (n,)
        Closes of the candles, UTC.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `NEWS_FEATURE_NAMES`: score and surprise in score units, `news_count` the log of one plus
        the stories of the last 24 h, `news_known` 1 where news is followed, else 0. Missing is
        NaN, a count where news is not followed too, never 0.
    """
    found = aggregate(stories, to_microseconds(closes))
    return {
        "news_score": found.score,
        "news_count": np.where(found.known, np.log1p(found.count), np.nan),
        "news_dispersion": found.dispersion,
        "news_negative_share": found.negative_share,
        "news_surprise": found.surprise,
        "news_known": found.known.astype(np.float64),
    }
