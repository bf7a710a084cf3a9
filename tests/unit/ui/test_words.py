import math
from datetime import UTC, datetime

import pytest

from ui import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(19093.634, "19,093.63"), (10.0, "10.00"), (7.179, "7.1790"), (0.48371, "0.4837"), (0.0000123, "1.23e-05")],
)
def test_price_digits_follow_its_size(value, text):
    assert words.price(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.064, "+0.06"), (-0.954, "−0.95"), (0.001, "0.00"), (-0.001, "0.00")])
def test_signed_uses_a_minus_sign_and_no_sign_for_zero(value, text):
    assert words.signed(value) == text


def test_move_of_a_log_return_is_the_simple_return():
    assert words.move_pct(math.log(1.05)) == "+5.00 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59.9, "59 s"), (60, "1 min"), (3_660, "1 h 01 min"), (190_000, "2 d 4 h")],
)
def test_wait_names_the_two_largest_units(seconds, text):
    assert words.wait(seconds) == text


def test_moment_is_written_to_the_minute_in_utc():
    assert words.moment(datetime(2022, 10, 1, 9, 5, tzinfo=UTC)) == "1 Oct 2022 09:05 UTC"


@pytest.mark.parametrize(
    ("timeframe", "horizon", "text"), [("1h", 1, "Next hour"), ("1d", 1, "Next day"), ("1h", 6, "Next 6 × 1h")]
)
def test_horizon_words_name_the_span(timeframe, horizon, text):
    assert words.horizon_words(timeframe, horizon) == text
