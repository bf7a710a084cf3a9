"""Has every feature plain words, that say what its value means?"""

import pytest

from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from ui.explain.saying import Span
from ui.explain.sayings import saying_of


@pytest.mark.parametrize("feature", FEATURE_NAMES + NEWS_FEATURE_NAMES)
def test_every_feature_has_words_of_its_own_for_every_timeframe(feature):
    saying = saying_of(feature)

    assert saying is not None
    for timeframe in ("1m", "15m", "1h", "1d"):
        for value in (-1.5, 0.0, 0.3, 40.0):
            assert saying.say(value, Span(timeframe))
            assert "_" not in saying.say(value, Span(timeframe))


def test_name_that_is_no_feature_has_no_words():
    assert saying_of("scaled_return_x") is None
    assert saying_of("no_such_feature") is None


@pytest.mark.parametrize(
    ("feature", "value", "timeframe", "says"),
    [
        ("return_1", -0.01, "1h", "Last hour: −1.00 %"),
        ("scaled_return_24", 1.6, "1h", "Rose sharply over 24 hours"),
        ("scaled_return_6", -0.2, "4h", "Fell a little over 6 × 4h"),
        ("lagged_return_1", -0.7, "1d", "Fell one day earlier"),
        ("cycle_return_1", 0.7, "1h", "Rose at this hour a day ago"),
        ("cycle_return_1", 0.7, "1d", "Rose 24 days before the coming candle"),
        ("market_return_1", 0.01, "1h", "The market stood still in the last hour"),
        ("gap_return_1", -0.7, "1h", "Did worse than the market in the last hour"),
        ("rsi_14", 38.2, "1h", "RSI 38, low"),
        ("willr_28", -85.0, "1h", "Williams %R −85, very low"),
        ("volume_surprise_24", -0.43, "1h", "Volume 35 % below usual"),
        ("gap_volume_surprise", 0.9, "1h", "Volume 2.5 times the market's"),
        ("gk_vol_24", -5.0, "1h", "Swings of 0.67 % per hour over 24 hours"),
        ("typical_vol_24", -5.0, "1h", "Typical swings of 0.67 % per hour over 24 hours"),
        ("market_rsi_6", 17.8, "1h", "RSI of 6 of the market 18, very low"),
        ("gap_rsi_6", -12.2, "1h", "RSI below the market's (−12)"),
        ("market_high_gap_24", -0.021, "1h", "2.1 % below the highs of 24 hours in the market"),
        ("gap_high_gap_24", 0.014, "1h", "Nearer to its high than the market (+1.40 %)"),
        ("bb_percent_20", 1.2, "1h", "Above the upper Bollinger band"),
        ("high_gap_24", -0.012, "1h", "1.2 % below the high of 24 hours"),
        ("news_count", 2.7080502, "1h", "14 stories in 24 h"),
        ("news_score", -0.12, "1h", "News −0.12"),
    ],
)
def test_words_follow_value_and_timeframe(feature, value, timeframe, says):
    assert saying_of(feature).say(value, Span(timeframe)) == says
