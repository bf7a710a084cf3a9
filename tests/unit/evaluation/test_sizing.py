"""Do the stakes follow their formulas and stay within what is there?"""

import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.sizing import TradingRules, weights

SIGMA = np.full(5, 0.01)


def weights_of(p_up, *, sigma=SIGMA, horizons_per_year=8_766, **rules):
    p_up = np.array(p_up)
    return weights(p_up, sigma[: len(p_up)], rules=TradingRules(**rules), horizons_per_year=horizons_per_year).tolist()


def test_weight_of_a_call_below_the_threshold_is_none():
    assert weights_of([0.61, 0.59, 0.39, 0.41, 0.5], threshold=0.6) == [1.0, 0.0, -1.0, 0.0, 0.0]


def test_weight_of_a_forecast_that_takes_no_side_is_none():
    assert weights_of([np.nan, 0.5]) == [0.0, 0.0]


def test_long_only_never_sells_short():
    assert weights_of([0.3, 0.7], long_only=True) == [0.0, 1.0]


def test_kelly_stakes_gain_over_variance_after_costs():
    # gain: 0.02 x 0.8 x 0.01 = 1.6 bps; 0.25 x 1.6e-4 / 1e-4 = 0.4; costs of 0.5 bps a side leave 0.6 bps
    free = weights_of([0.51], sizing="kelly", fee_bps=0, slippage_bps=0)
    paid = weights_of([0.51, 0.49], sizing="kelly", fee_bps=0.5, slippage_bps=0)

    assert free == pytest.approx([0.25 * 0.02 * np.sqrt(2 / np.pi) / 0.01])
    assert paid == pytest.approx([0.25 * (0.0002 * np.sqrt(2 / np.pi) - 1e-4) / 1e-4 * side for side in (1, -1)])


def test_kelly_stakes_nothing_where_costs_eat_the_gain():
    assert weights_of([0.55], sizing="kelly", fee_bps=10) == [0.0]


def test_volatility_sizing_stakes_less_in_wild_times():
    # 1 % a step, 100 steps a year: 10 % a year
    found = weights_of(
        [0.6, 0.4], sigma=np.array([0.01, 0.04]), horizons_per_year=100, sizing="volatility", target_volatility_pct=5
    )

    assert found == pytest.approx([0.5, -0.125])


@pytest.mark.parametrize("sizing", ["kelly", "volatility"])
def test_nothing_is_ever_borrowed(sizing):
    assert weights_of([0.99], sizing=sizing, target_volatility_pct=5_000) == [1.0]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"threshold": 0.4}, "threshold must be at least 0.5 and below 1, was 0.4"),
        ({"threshold": 1.0}, "threshold must be at least 0.5"),
        ({"fee_bps": -1.0}, "fee_bps must be 0 to 10000, was -1"),
        ({"slippage_bps": float("nan")}, "slippage_bps must be 0 to 10000, was nan"),
        ({"sizing": "martingale"}, "sizing must be one of fixed, kelly, volatility, was 'martingale'"),
        ({"max_weight": 2.0}, "nothing is borrowed, was 2"),
    ],
)
def test_rule_out_of_its_range_is_refused(rules, says):
    with pytest.raises(InvalidRequestError, match=says):
        TradingRules(**rules)
