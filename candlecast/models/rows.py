"""What does a panel of symbols teach? Features and targets of all symbols in one block."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.features.market import MARKET_FEATURE_NAMES, MarketReturns, market_returns
from candlecast.features.table import MIN_ROW_CANDLES, build_features
from candlecast.features.targets import build_targets
from candlecast.market.symbols import Symbol
from candlecast.models.estimators import Array, Features
from candlecast.models.news import PanelNews

RowNumbers = npt.NDArray[np.int64]
MIN_ROWS = 400
HIDDEN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class PanelRows:
    """Rows of several symbols, one symbol after the other, ascending within each.

    Parameters
    ----------
    features : ndarray of shape (n, k), float32
        Feature table without its warm-up.
    targets : DataFrame
        n rows of `build_targets`, NaN where unknown.
    closes : DatetimeIndex
        When each row's forecast would be made.
    symbol : ndarray of shape (n,)
        Place in `names`.
    names : tuple of str
        Symbols, sorted.
    feature_names : tuple of str of length k
        Columns of `features`.
    scored_by : tuple of str
        Engine and version behind the news columns; empty: there are none.
    """

    features: Features
    targets: pd.DataFrame
    closes: pd.DatetimeIndex
    symbol: npt.NDArray[np.int64]
    names: tuple[str, ...]
    feature_names: tuple[str, ...]
    scored_by: tuple[str, ...]

    @property
    def direction(self) -> Array:
        """Return 1 up, 0 down, NaN where unknown, shape (n,)."""
        return self.column("direction")

    def column(self, name: str) -> Array:
        """Return a target column as float64, shape (n,)."""
        return self.targets[name].to_numpy(dtype=np.float64)

    def known(self, rows: RowNumbers) -> RowNumbers:
        """Return those of `rows` whose direction is known."""
        return rows[np.isfinite(self.direction[rows])]

    def lessons(self, rows: RowNumbers, *, seed: int) -> Features:
        """Return the features of `rows` to learn from: `HIDDEN_SHARE` of them, by lot, without the market.

        A forecast may be made before the other symbols' candles have come; an estimator that never
        saw the market missing sends such rows down branches that it never tested.
        """
        taken = self.features[rows]
        places = np.flatnonzero(np.isin(self.feature_names, MARKET_FEATURE_NAMES))
        hidden = np.flatnonzero(np.random.default_rng(seed).random(len(taken)) < HIDDEN_SHARE)
        taken[np.ix_(hidden, places)] = np.nan
        return taken


def feature_tables(
    panel: Mapping[str, pd.DataFrame],
    *,
    news: PanelNews | None = None,
    market: Mapping[str, MarketReturns] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the feature table of each symbol of a panel, one row a candle.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending.
    news : PanelNews, optional
        What becomes the news columns; None: there are none.
    market : mapping of str to MarketReturns, optional
        Market of each asset class, from `market_returns`; None: that of `panel`.
    """
    markets = market_returns(panel) if market is None else market
    return {
        name: build_features(
            candles,
            None if news is None else news.of(name),
            market=markets.get(Symbol.parse(name).asset_class),
        )
        for name, candles in panel.items()
    }


def collect_rows(
    panel: Mapping[str, pd.DataFrame],
    *,
    timeframe: str,
    horizon: int,
    news: PanelNews | None = None,
    market: Mapping[str, MarketReturns] | None = None,
) -> tuple[PanelRows, dict[str, str]]:
    """Build features and targets of every symbol that has enough history.

    Parameters
    ----------
    panel, news, market
        As in `feature_tables`; a market is given where `panel` is a part of it.
    timeframe : str
        Length of a candle.
    horizon : int
        Candles ahead.

    Returns
    -------
    PanelRows
        Rows of the symbols that were kept.
    dict of str to str
        Symbols that were left out, and why.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough; names each one, its count and the need.
    """
    need = MIN_ROW_CANDLES + MIN_ROWS + horizon
    skipped = {
        name: f"{name} has {len(candles)} candles of {timeframe}, training needs {need}"
        for name, candles in sorted(panel.items())
        if len(candles) < need
    }
    kept = sorted(set(panel) - set(skipped))
    if not kept:
        what = "; ".join(skipped.values()) or "no symbol was given"
        raise InsufficientHistoryError(f"{what}: backfill more candles or add a symbol")
    tables = feature_tables({name: panel[name] for name in kept}, news=news, market=market)
    features = [tables[name].iloc[MIN_ROW_CANDLES:].to_numpy(dtype=np.float32) for name in kept]
    outcomes = [_outcomes(panel[name], name=name, timeframe=timeframe, horizon=horizon) for name in kept]
    targets, closes = zip(*outcomes, strict=True)
    rows = PanelRows(
        features=np.concatenate(features),
        targets=pd.concat(targets, ignore_index=True),
        closes=pd.DatetimeIndex(pd.concat(closes, ignore_index=True)),
        symbol=np.repeat(np.arange(len(kept)), [len(part) for part in features]),
        names=tuple(kept),
        feature_names=tuple(tables[kept[0]].columns),
        scored_by=() if news is None else news.scored_by,
    )
    return rows, skipped


def _outcomes(candles: pd.DataFrame, *, name: str, timeframe: str, horizon: int) -> tuple[pd.DataFrame, pd.Series]:
    calendar = Symbol.parse(name).calendar
    targets = build_targets(candles, horizon=horizon, timeframe=timeframe, calendar=calendar)
    return targets.iloc[MIN_ROW_CANDLES:], candles["close_time"].iloc[MIN_ROW_CANDLES:]
