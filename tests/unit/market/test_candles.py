"""Has every candles frame the same columns?"""

from candlecast.market.candles import CANDLE_COLUMNS, empty_candles


def test_empty_candles_has_the_columns_of_every_candles_frame():
    frame = empty_candles()

    assert tuple(frame.columns) == CANDLE_COLUMNS
    assert len(frame) == 0
