"""Is there enough news to learn from? The stories of a panel, and how much of its history they cover."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from candlecast.features.table import MIN_ROW_CANDLES
from candlecast.market.calendars import to_microseconds
from candlecast.sentiment.aggregate import Stories, is_followed

MIN_NEWS_DAYS = 90
MIN_NEWS_CANDLES = 2_160
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class PanelNews:
    """The news of a panel.

    Parameters
    ----------
    stories : mapping of str to Stories
        Dated stories by symbol; a symbol that is not in it has none.
    scored_by : tuple of (str, str)
        Engine and version that scored them.
    """

    stories: Mapping[str, Stories]
    scored_by: tuple[str, str]

    def of(self, symbol: str) -> Stories:
        """Return the stories of `symbol`, maybe none."""
        return self.stories.get(symbol, Stories.none())


def objection_to_news(panel: Mapping[str, pd.DataFrame], news: PanelNews) -> str | None:
    """Return why a model should not learn from `news`, or None.

    One symbol at least must have been followed at the close of `MIN_NEWS_CANDLES` candles, on
    `MIN_NEWS_DAYS` days: 90 days of hourly candles. Fewer show a few weeks' mood, not a habit.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending.
    news : PanelNews
        What is known of them.
    """
    best, n_candles, n_days = max((_coverage(panel[name], news.of(name), name) for name in sorted(panel)), key=_length)
    if n_candles >= MIN_NEWS_CANDLES and n_days >= MIN_NEWS_DAYS:
        return None
    return (
        f"news covers {n_candles:,} candles on {n_days} days at best ({best}), a model learns from "
        f"{MIN_NEWS_CANDLES:,} on {MIN_NEWS_DAYS}: import older news with `candlecast news --archive`, or wait"
    )


def _coverage(candles: pd.DataFrame, stories: Stories, name: str) -> tuple[str, int, int]:
    closes_us = to_microseconds(pd.DatetimeIndex(candles["close_time"].iloc[MIN_ROW_CANDLES:]))
    covered = closes_us[is_followed(stories, closes_us)]
    return name, len(covered), len(np.unique(covered // _DAY_US))


def _length(coverage: tuple[str, int, int]) -> tuple[float, int]:
    _, n_candles, n_days = coverage
    return min(n_candles / MIN_NEWS_CANDLES, n_days / MIN_NEWS_DAYS), n_candles
