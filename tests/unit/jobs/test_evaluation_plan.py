from datetime import UTC, datetime

import pytest

from candlecast.errors import InvalidRequestError
from jobs.evaluation_plan import read_day, read_horizons


def test_horizons_are_read_once_each_in_order():
    assert read_horizons("24, 1,4,1") == [1, 4, 24]


@pytest.mark.parametrize("wrong", ["", "0", "97", "1,x", "1.5", "-4"])
def test_horizons_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidRequestError, match="whole numbers from 1 to 96"):
        read_horizons(wrong)


def test_day_is_its_first_moment_in_utc():
    assert read_day("2020-03-01") == datetime(2020, 3, 1, tzinfo=UTC)
    assert read_day("") is None


def test_day_that_is_none_is_refused():
    with pytest.raises(InvalidRequestError, match="was '2020-13-01'"):
        read_day("2020-13-01")
