"""Which intervals deserve to be said: a scaled volatility, or learned quantiles? Judged on the calibration slice.

Quantiles say more and need more rows to learn it from: with a short history they lose. So both are
made honest in the same way on rows later than those they learned from, and compared there.
"""

import math
from dataclasses import dataclass

import numpy as np

from candlecast.evaluation.metrics import winkler_scores
from candlecast.evaluation.paired import MIN_DAYS, PairedTest, paired_test
from candlecast.market.timeframes import timeframe_s
from candlecast.models.estimators import Array
from candlecast.models.intervals import LEVELS, rolling_reach
from candlecast.models.quantiles import Quantiles
from candlecast.models.rows import PanelRows, RowNumbers
from candlecast.models.spans import conformity, ends
from candlecast.models.volatility import Effort, Volatility

SCALED, LEARNED = "scaled volatility", "quantiles"
MAX_P_VALUE = 0.25
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """Which kind of intervals a model says, and what that was decided on.

    Parameters
    ----------
    kind : str
        `SCALED` or `LEARNED`.
    score_ratio : float or None
        Weighted interval score of the quantiles as a share of the volatility's (Bracher et al. 2021);
        None: not compared.
    p_value : float or None
        One-sided, of whole days: chance of such a gain were both alike; None: not compared.
    n : int
        Rows that were compared.
    """

    kind: str = SCALED
    score_ratio: float | None = None
    p_value: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows to learn from, and later ones to compare on; of a known direction.

    Parameters
    ----------
    rows : PanelRows
        All rows.
    old, new : ndarray of int64
        Which to learn from, and which to compare on.
    timeframe : str
        Length of a candle.
    horizon : int
        Candles ahead.
    """

    rows: PanelRows
    old: RowNumbers
    new: RowNumbers
    timeframe: str
    horizon: int


def choose_intervals(data: Slice, *, volatility: Volatility, effort: Effort) -> tuple[Quantiles | None, IntervalChoice]:
    """Fit quantiles and return them where they beat the volatility with p < `MAX_P_VALUE`.

    Parameters
    ----------
    data : Slice
        What to learn from and to compare on; on fewer than `MIN_DAYS` days nothing is fitted.
    volatility : Volatility
        Fitted on the same old rows; the quantiles are learned in its units.
    effort : Effort
        What the trees may cost.

    Returns
    -------
    (Quantiles or None, IntervalChoice)
        None where the volatility alone is kept.
    """
    rows, lag_days = data.rows, max(1, math.ceil(data.horizon * timeframe_s(data.timeframe) / _DAY_S))
    sigma = volatility.sigma(rows.features[data.new])[:, np.newaxis]
    plain = _losses(data, sigma)
    known = np.isfinite(plain)
    if len(np.unique(rows.closes[data.new[known]].floor("D"))) < MIN_DAYS:
        return None, IntervalChoice()
    ratio = rows.column("log_return")[data.old] / volatility.sigma(rows.features[data.old])
    quantiles = Quantiles.fit(rows.features[data.old], ratio=ratio, horizon=data.horizon, effort=effort)
    learned = _losses(data, sigma * quantiles.distances(rows.features[data.new]))
    test = paired_test(learned[known], plain[known], rows.closes[data.new[known]], lag_days=lag_days)
    choice = _choice(test, score_ratio=float(learned[known].sum() / plain[known].sum()))
    return (quantiles if choice.kind == LEARNED else None), choice


def _choice(test: PairedTest, *, score_ratio: float) -> IntervalChoice:
    won = math.isfinite(test.p_value) and test.p_value < MAX_P_VALUE
    p_value = test.p_value if math.isfinite(test.p_value) else None
    return IntervalChoice(LEARNED if won else SCALED, score_ratio, p_value, test.n)


def _losses(data: Slice, spans: Array) -> Array:
    rows, found = data.rows, np.full(len(data.new), np.nan)
    actual = rows.column("log_return")[data.new]
    for symbol in np.unique(rows.symbol[data.new]):
        mine = rows.symbol[data.new] == symbol
        scores = conformity(actual[mine], spans[mine])
        reach = np.column_stack([rolling_reach(scores, horizon=data.horizon, level=level) for level in LEVELS])
        below, above = ends(spans[mine], reach)
        scored = [
            (1.0 - level) / 2.0 * winkler_scores(actual[mine] - centre, half, level=level)
            for level, half, centre in zip(LEVELS, (below + above).T / 2.0, (above - below).T / 2.0, strict=True)
        ]
        found[mine] = np.sum(scored, axis=0)
    return found
