import math

import numpy as np

from candlecast.features.technical.parabolic import parabolic_stop
from candlecast.features.technical.plan import Plan
from candlecast.features.technical.prices import CLOSE, HIGH, LOW

HIGHS = np.array([10.0, 11.0, 12.0, 13.0, 13.5, 9.0, 8.0, 12.0])
LOWS = np.array([9.0, 10.0, 11.0, 12.0, 12.5, 7.0, 6.5, 9.0])
# the rest is reckoned by hand; the close matters at the second candle only
CLOSES = np.array([9.5, 10.5, 11.5, 12.5, 13.0, 8.0, 7.0, 11.0])
STOPS = [
    math.nan,
    math.nan,
    # 10.5 + 0.02 (10 - 10.5) is above the low two candles ago
    9.0,
    # 9 + 0.04 (12 - 9)
    9.12,
    # 9.12 + 0.06 (13 - 9.12)
    9.3528,
    # the low breaks 9.3528 + 0.08 (13.5 - 9.3528): down from the highest
    -13.5,
    # 13.5 - 0.02 (13.5 - 7) is below the high two candles ago
    -13.5,
    # 13.5 - 0.04 (13.5 - 6.5)
    -13.22,
]


def test_parabolic_stop_of_a_rise_and_a_break_equals_the_reckoning():
    plan = Plan.of({"stop": parabolic_stop(HIGH, LOW, CLOSE)})

    found = plan.batch({"high": HIGHS, "low": LOWS, "close": CLOSES})["stop"]

    np.testing.assert_allclose(found, STOPS, rtol=1e-12)


def test_parabolic_stop_goes_on_where_history_ends():
    plan = Plan.of({"stop": parabolic_stop(HIGH, LOW, CLOSE)})
    follower = plan.follow({"high": HIGHS[:4], "low": LOWS[:4], "close": CLOSES[:4]})

    rows = zip(HIGHS[4:].tolist(), LOWS[4:].tolist(), CLOSES[4:].tolist(), strict=True)
    found = [follower.push({"high": high, "low": low, "close": close})["stop"] for high, low, close in rows]

    np.testing.assert_allclose(found, STOPS[4:], rtol=1e-12)
