"""Is CSV text read back as it was, and never run by a spreadsheet?"""

import csv
import io
from datetime import UTC, datetime

import pytest

from candlecast.schemas import NewsSource, csv_text

NOON = datetime(2022, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}"])
def test_csv_text_that_a_spreadsheet_would_run_is_quoted(start):
    [row] = csv.DictReader(io.StringIO(csv_text([NewsSource(source=f"{start}1+1", n=2, newest_at=NOON)], NewsSource)))

    assert row == {"source": f"'{start}1+1", "n": "2", "newest_at": "2022-10-11T12:00:00Z"}


def test_csv_text_without_a_head_goes_on_after_another():
    row = NewsSource(source="Daily", n=1, newest_at=NOON)

    assert csv_text([row], NewsSource) + csv_text([row], NewsSource, head=False) == csv_text([row, row], NewsSource)
    assert csv_text([], NewsSource) == "source,n,newest_at\r\n"
