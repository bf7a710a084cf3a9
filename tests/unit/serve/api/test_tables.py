import csv
import io
from datetime import UTC, datetime

import pandas as pd
import pytest
from fastapi import Request

from candlecast.schemas import NewsItem, NewsPage, NewsRow
from serve.api.tables import CSV, JSON, PARQUET, negotiated, preferred

ITEM = NewsItem(
    id=7,
    title="=HYPERLINK(evil)",
    url="https://news.example/1",
    source="daily",
    outlets=["daily", "weekly"],
    published_at=None,
    known_at=datetime(2021, 1, 1, 12, tzinfo=UTC),
    estimated=True,
    symbols=["BTC/USDT"],
    sentiment=None,
)


def answer(accept: str):
    scope = {"type": "http", "method": "GET", "path": "/v1/news", "query_string": b"limit=1&cursor=old"}
    request = Request(scope | {"headers": [(b"accept", accept.encode())], "server": ("testserver", 80)})
    page = NewsPage(items=[ITEM], next_cursor="a b")
    return negotiated(request, page, rows=lambda: [NewsRow.of(item) for item in page.items], row_type=NewsRow)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/html,*/*;q=0.8", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/csv;q=0.5, application/vnd.apache.parquet;q=0.9", PARQUET),
        ("text/csv;q=0", JSON),
        ("text/csv;q=much", JSON),
        ("image/png", JSON),
    ],
)
def test_preferred_is_what_the_header_weighs_most(accept, kind):
    assert preferred(accept) == kind


def test_csv_writes_times_flags_and_missing_values_plainly():
    [row] = csv.DictReader(io.StringIO(bytes(answer("text/csv").body).decode()))

    assert (row["known_at"], row["published_at"], row["estimated"]) == ("2021-01-01T12:00:00Z", "", "true")
    assert (row["outlets"], row["score"]) == ("daily;weekly", "")


def test_csv_never_starts_a_text_as_a_formula():
    [row] = csv.DictReader(io.StringIO(bytes(answer("text/csv").body).decode()))

    assert row["title"] == "'=HYPERLINK(evil)"


def test_parquet_keeps_kinds_where_all_values_are_missing():
    table = pd.read_parquet(io.BytesIO(bytes(answer(PARQUET).body)))

    assert [str(table[name].dtype) for name in ("id", "score", "published_at")] == [
        "int64",
        "float64",
        "datetime64[us, UTC]",
    ]
    assert table["title"][0] == "=HYPERLINK(evil)"


def test_next_page_is_linked_by_the_same_question():
    assert answer("text/csv").headers["link"] == '</v1/news?limit=1&cursor=a+b>; rel="next"'
