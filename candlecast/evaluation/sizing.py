"""How much does a forecast put at stake? From P(up) and sigma to a share of the capital."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.metrics import Array

Sizing = Literal["fixed", "kelly", "volatility"]
SIZINGS: tuple[Sizing, ...] = get_args(Sizing)
_BPS = 1e4
# mean absolute value of a standard normal
MEAN_SIZE = float(np.sqrt(2.0 / np.pi))


@dataclass(frozen=True, slots=True)
class TradingRules:
    """How forecasts become positions.

    Parameters
    ----------
    threshold : float
        P(up) from which on it is bought, and ``1 - threshold`` down to which it is sold short, in
        [0.5, 1); between the two there is no position.
    sizing : {"fixed", "kelly", "volatility"}
        ``fixed`` stakes `max_weight`. ``kelly`` stakes `kelly_fraction` of
        ``(expected gain after costs) / sigma**2`` (Kelly 1956; Thorp 2006 for continuous returns),
        expected gain ``(2 P(up) - 1) x 0.8 sigma``; nothing where costs are more than the gain.
        ``volatility`` stakes so much that the position is expected to vary by `target_volatility_pct`
        a year.
    fee_bps, slippage_bps : float
        Of each unit bought or sold, at least 0: what the venue takes, and how much worse than the
        open the fill is.
    long_only : bool
        Never sell short: calls for down are no position.
    kelly_fraction : float
        Share of the full Kelly stake, in (0, 1].
    target_volatility_pct : float
        Percent a year, above 0.
    max_weight : float
        Largest position, as a share of the capital, in (0, 1]: nothing is borrowed.
    rebalance_band : float
        A held position whose side stays is left alone while its weight is that near to the wanted
        one, at least 0.

    Raises
    ------
    InvalidRequestError
        When a value is out of its range.
    """

    threshold: float = 0.5
    sizing: Sizing = "fixed"
    fee_bps: float = 10.0
    slippage_bps: float = 2.0
    long_only: bool = False
    kelly_fraction: float = 0.25
    target_volatility_pct: float = 20.0
    max_weight: float = 1.0
    rebalance_band: float = 0.1

    def __post_init__(self) -> None:
        if self.sizing not in SIZINGS:
            raise InvalidRequestError(f"sizing must be one of {', '.join(SIZINGS)}, was {str(self.sizing)[:20]!r}")
        limits = {
            "threshold": (0.5 <= self.threshold < 1.0, "at least 0.5 and below 1"),
            "fee_bps": (0.0 <= self.fee_bps <= _BPS, "0 to 10000"),
            "slippage_bps": (0.0 <= self.slippage_bps <= _BPS, "0 to 10000"),
            "kelly_fraction": (0.0 < self.kelly_fraction <= 1.0, "above 0 and at most 1"),
            "target_volatility_pct": (0.0 < self.target_volatility_pct < np.inf, "above 0"),
            "max_weight": (0.0 < self.max_weight <= 1.0, "above 0 and at most 1: nothing is borrowed"),
            "rebalance_band": (self.rebalance_band >= 0.0, "at least 0"),
        }
        for name, (fits, limit) in limits.items():
            if not fits:
                raise InvalidRequestError(f"{name} must be {limit}, was {getattr(self, name)}")

    @property
    def cost_share(self) -> float:
        """What buying or selling one unit costs, as a share of its value."""
        return (self.fee_bps + self.slippage_bps) / _BPS


def weights(p_up: Array, sigma: Array, *, rules: TradingRules, horizons_per_year: float) -> Array:
    """Return the wanted position of each forecast.

    Parameters
    ----------
    p_up : ndarray of shape (n,)
        Probability of up; NaN where the forecast takes no side.
    sigma : ndarray of shape (n,)
        Expected scale of the log return over the horizon, above 0.
    rules : TradingRules
        How.
    horizons_per_year : float
        How many horizons, one after another, a year of trading holds.

    Returns
    -------
    ndarray of shape (n,)
        Share of the capital in [-1, 1], below 0 short; 0 where there is no position or an input is NaN.
    """
    side = np.sign(p_up - 0.5)
    sure = np.maximum(p_up, 1.0 - p_up) >= rules.threshold
    size = np.minimum(_sizes(p_up, sigma, rules=rules, horizons_per_year=horizons_per_year), rules.max_weight)
    taken = np.where(sure & np.isfinite(size), side * size, 0.0)
    return np.maximum(taken, 0.0) if rules.long_only else taken


def _sizes(p_up: Array, sigma: Array, *, rules: TradingRules, horizons_per_year: float) -> Array:
    if rules.sizing == "fixed":
        return np.full(len(p_up), rules.max_weight)
    if rules.sizing == "volatility":
        return np.asarray(rules.target_volatility_pct / 100.0 / (sigma * np.sqrt(horizons_per_year)))
    gain = np.abs(2.0 * p_up - 1.0) * MEAN_SIZE * sigma - 2.0 * rules.cost_share
    return np.asarray(np.maximum(rules.kelly_fraction * gain, 0.0) / np.square(sigma), dtype=np.float64)
