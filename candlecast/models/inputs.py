"""Can a model be trained on this? Bad candles are named and refused before anything is fitted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.features.market import MARKET_FEATURE_NAMES
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.market.calendars import to_microseconds
from candlecast.models.news import PanelNews
from candlecast.models.rows import PanelRows, collect_rows

# a day has no hour, and one symbol alone no market
_HOURS = ("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2")
MAY_BE_MISSING = frozenset((*_HOURS, *NEWS_FEATURE_NAMES, *MARKET_FEATURE_NAMES))


def prepare_rows(
    panel: Mapping[str, pd.DataFrame], *, timeframe: str, horizon: int, news: PanelNews | None = None
) -> tuple[PanelRows, dict[str, str]]:
    """Build the rows of all symbols that a model can learn from.

    Parameters
    ----------
    panel, timeframe, horizon, news
        As in `collect_rows`.

    Returns
    -------
    PanelRows
        Rows of the symbols that were kept.
    dict of str to str
        Symbols that were left out, for too few candles or a price that never moves, and why.

    Raises
    ------
    InvalidRequestError
        As in `fit_to_learn` and `check_features`.
    InsufficientHistoryError
        When no symbol has enough candles.
    """
    moving, still = fit_to_learn(panel)
    rows, skipped = collect_rows(moving, timeframe=timeframe, horizon=horizon, news=news)
    check_features(rows)
    return rows, skipped | still


def fit_to_learn(panel: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Return the symbols whose price moves, in their order, and the others with the reason.

    Raises
    ------
    InvalidRequestError
        When candles of a symbol are out of order or there twice, or no price moves.
    """
    check_order(panel)
    still = {name: why for name, candles in panel.items() if (why := _stillness(candles, name=name))}
    moving = {name: candles for name, candles in panel.items() if name not in still}
    if still and not moving:
        raise InvalidRequestError(f"{'; '.join(still.values())}: there is nothing to learn; give symbols that trade")
    return moving, still


def check_order(panel: Mapping[str, pd.DataFrame]) -> None:
    """Refuse candles that are out of order or there twice.

    Raises
    ------
    InvalidRequestError
        Naming the symbol, the first such time and how many there are.
    """
    for name, candles in sorted(panel.items()):
        steps = np.diff(to_microseconds(pd.DatetimeIndex(candles["open_time"])))
        wrong = np.flatnonzero(steps <= 0)
        if len(wrong):
            first = wrong[0]
            what = "twice" if steps[first] == 0 else "after a later one"
            when = candles["open_time"].iloc[first + 1]
            raise InvalidRequestError(
                f"{name}: the candle of {when:%Y-%m-%d %H:%M}Z is there {what}, as are {len(wrong):,} in all; "
                "each candle must be there once, in ascending order: drop the others and sort"
            )


def check_features(rows: PanelRows) -> None:
    """Refuse a feature without a single value, but for those that `MAY_BE_MISSING`.

    Raises
    ------
    InvalidRequestError
        Naming the features and the symbols.
    """
    lost = [
        name
        for place, name in enumerate(rows.feature_names)
        if name not in MAY_BE_MISSING and not np.isfinite(rows.features[:, place]).any()
    ]
    if lost:
        raise InvalidRequestError(
            f"no value of {', '.join(lost)} in any of {len(rows.features):,} rows of {', '.join(rows.names)}: check "
            "the prices and volumes of these candles, or leave the symbols out"
        )


def _stillness(candles: pd.DataFrame, *, name: str) -> str | None:
    closes = candles["close"].to_numpy()
    if len(closes) < 2 or closes.min() != closes.max():
        return None
    return f"all {len(closes):,} closes of {name} are {closes[0]:g}"
