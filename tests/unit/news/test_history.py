"""Is an archive read as items in their order, and a wrong file called wrong?"""

import gzip
from datetime import UTC, datetime

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.news.articles import FedItem
from candlecast.news.history import read_history


def _write(folder, text, name="news.csv"):
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def _items(path, **options):
    return [item for chunk in read_history(path, **options) for item in chunk]


def test_packed_archive_is_read_in_the_order_of_publication(tmp_path):
    text = (
        "source,published_at,title,url,summary,mood\n"
        'Daily,2022-05-02T10:00:00+02:00,"Second, later",https://a.example/2,More,good\n'
        "Daily,2022-05-01 10:00:00,First,https://a.example/1,,bad\n"
        "Daily,yesterday,Third,https://a.example/3,,bad\n"
    )

    items = _items(_write(tmp_path, text, "news.csv.gz"))

    assert items == [
        FedItem("file", "Daily", "https://a.example/1", "First", "", datetime(2022, 5, 1, 10, tzinfo=UTC)),
        FedItem("file", "Daily", "https://a.example/2", "Second, later", "More", datetime(2022, 5, 2, 8, tzinfo=UTC)),
        FedItem("file", "Daily", "https://a.example/3", "Third", "", None),
    ]


def test_archive_of_texts_gets_its_name_as_source_and_links_that_lead_nowhere(tmp_path):
    path = _write(tmp_path, "published_at,text\n2022-05-01T10:00:00Z,One\n2022-05-01T10:00:00Z,Two\n")

    one, two = _items(path)

    assert (one.title, one.source) == ("One", "news.csv")
    assert one.url.startswith("https://candlecast.invalid/")
    assert one.url != two.url
    assert _items(path) == [one, two]


def test_row_without_a_title_is_called_by_its_text(tmp_path):
    path = _write(tmp_path, "published_at,title,text\n2022-05-01T10:00:00Z, ,Told\n2022-05-01T11:00:00Z,Called,Told\n")

    assert [item.title for item in _items(path)] == ["Told", "Called"]


@pytest.mark.parametrize(
    "row", ["2022-05-01,One,", "2022-05-01T00:00:00Z,One,True"], ids=["no time", "a time that is none"]
)
def test_article_of_a_day_counts_as_published_when_the_day_is_over(tmp_path, row):
    (item,) = _items(_write(tmp_path, f"published_at,title,date_only\n{row}\n"))

    assert item.published_at == datetime(2022, 5, 2, tzinfo=UTC)


def test_archive_comes_in_chunks(tmp_path):
    path = _write(tmp_path, "published_at,title\n" + "2022-05-01T10:00:00Z,x\n" * 5)

    assert [len(chunk) for chunk in read_history(path, chunk_items=2)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,headline\n2022,x\n", r"lacks published_at and title, its columns are date, headline; it needs"),
        ("published_at,body\n2022,x\n", r"lacks title"),
        ("", r"is no CSV"),
        ("published_at,title\n1,2\n1,2,3,4\n", r"is no CSV"),
    ],
)
def test_wrong_file_is_told_in_one_line(tmp_path, text, message):
    with pytest.raises(InvalidRequestError, match=message) as raised:
        _items(_write(tmp_path, text))

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("stamp", ["-1", "0001-01-01", "9999-12-31"])
def test_time_that_is_no_date_of_news_is_none(tmp_path, stamp):
    [item] = _items(_write(tmp_path, f"published_at,title\n{stamp},Bitcoin gains\n"))

    assert item.published_at is None


def test_gzip_with_changed_bytes_is_told(tmp_path):
    path = _write(tmp_path, "published_at,title\n" + "2022-01-01,Bitcoin gains\n" * 50, name="news.csv.gz")
    content = bytearray(path.read_bytes())
    content[12:20] = b"\xff" * 8
    path.write_bytes(content)

    with pytest.raises(InvalidRequestError, match="is no CSV"):
        _items(path)


def test_file_that_is_not_there_or_not_packed_is_told(tmp_path):
    with pytest.raises(InvalidRequestError, match="does not exist"):
        _items(tmp_path / "none.csv")
    (tmp_path / "plain.csv.gz").write_text("published_at,title\n")
    with pytest.raises(InvalidRequestError, match="is no CSV"):
        _items(tmp_path / "plain.csv.gz")


def test_archive_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("candlecast.unpacking.MOST_ROWS", 1_000_000)
    path = _write(tmp_path, "published_at,title\n" + "2022-05-01,x\n" * 1_500_000, "news.csv.gz")
    assert path.stat().st_size < 100_000

    with pytest.raises(InvalidRequestError, match=r"news\.csv\.gz holds more than 1,074 MB or 1,000,000 rows"):
        _items(path)
