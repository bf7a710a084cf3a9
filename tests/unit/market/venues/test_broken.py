import math

import pytest

from candlecast.market.venues.broken import BROKEN_ANSWER, LATEST_MS, moment_in_ms, price_in


@pytest.mark.parametrize("value", ["1.5", 1.5, 5e-324])
def test_price_is_read_from_texts_and_numbers(value):
    assert price_in(value) == float(value)


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "NaN", "1e999", None, [], "", 10**400])
def test_price_that_is_none_is_refused(value):
    with pytest.raises(BROKEN_ANSWER):
        price_in(value)


def test_moment_is_one_that_has_a_date():
    assert [moment_in_ms(value) for value in (0, "1700000000000", LATEST_MS)] == [0, 1_700_000_000_000, LATEST_MS]


@pytest.mark.parametrize("value", [-1, LATEST_MS + 1, math.nan, math.inf, 10**400, "now", None])
def test_moment_that_has_no_date_is_refused(value):
    with pytest.raises(BROKEN_ANSWER):
        moment_in_ms(value)
