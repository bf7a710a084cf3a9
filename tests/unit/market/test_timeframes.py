"""Are timeframes read, and unknown ones refused with the remedy?"""

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.timeframes import timeframe_s


def test_timeframe_s_of_each_timeframe_is_its_length():
    lengths_s = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}

    assert {name: timeframe_s(name) for name in lengths_s} == lengths_s


@pytest.mark.parametrize("name", ["", "1H", "60", "1w", "x" * 500])
def test_timeframe_s_of_an_unknown_one_lists_the_allowed(name):
    with pytest.raises(InvalidRequestError, match="1m, 5m, 15m, 1h, 4h, 1d") as refused:
        timeframe_s(name)

    assert len(str(refused.value)) < 150
