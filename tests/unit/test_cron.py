"""Does a cron line name the moments that it says, and is a wrong one refused in words?"""

from datetime import UTC, datetime

import pytest

from candlecast.cron import CronLine
from candlecast.errors import InvalidRequestError

DAILY = CronLine.parse("15  6 * * *", name="X")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-01-{text}+00:00")


@pytest.mark.parametrize(
    ("now", "latest", "upcoming"),
    [
        ("02T06:14:59", "01T06:15", "02T06:15"),
        ("02T06:15:00", "02T06:15", "03T06:15"),
        ("02T06:15:30", "02T06:15", "03T06:15"),
    ],
)
def test_line_around_its_slot_names_the_slot_before_and_after(now, latest, upcoming):
    assert DAILY.latest(at(now)) == at(latest)
    assert DAILY.next(at(now)) == at(upcoming)


def test_line_of_a_weekday_knows_its_name():
    assert CronLine.parse("30 12 * * sun", name="X").next(at("02T00:00")) == at("07T12:30")
    assert DAILY.next(at("02T00:00")).tzinfo == UTC


@pytest.mark.parametrize("text", ["hourly", "61 * * * *", "* * * *", "* * * * * *", "0 0 30 2 *", "", "0 0 * *\n* *"])
def test_line_that_names_no_moment_is_refused_with_its_name(text):
    with pytest.raises(InvalidRequestError, match=r"^TRAIN must be a cron line of five fields") as refused:
        CronLine.parse(text, name="TRAIN")

    assert "\n" not in str(refused.value)
