import gzip
import os
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet
import pytest

from candlecast import unpacking
from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol
from candlecast.replay import parquet
from candlecast.replay.files import read_candle_file

BTC = Symbol.parse("BTC/USDT")
HEADER = "ts,open,high,low,close,volume\n"
EXPECTED = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp",
    ["2021-01-01T00:00:00Z", "2021-01-01 00:00:00", "2021-01-01", "1609459200", "1609459200000", "1609459200.0"],
)
def test_read_takes_times_in_every_common_form(tmp_path, stamp):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}{stamp},1,2,1,2,5\n")

    raw = read_candle_file(path, BTC)

    assert raw.opens[0] == EXPECTED
    assert raw.opens.dtype == "datetime64[us, UTC]"


def test_read_leaves_out_a_row_whose_time_is_missing_among_numbers(tmp_path):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}1609459200,1,2,1,2,5\n,2,3,2,3,5\n")

    assert read_candle_file(path, BTC).opens.tolist() == [EXPECTED]


@pytest.mark.parametrize("stamp", ["yesterday", "01/02/2021", "1e300", "true"])
def test_read_of_a_time_that_is_none_names_the_file(tmp_path, stamp):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}{stamp},1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT\.csv holds values that are no numbers or times"):
        read_candle_file(path, BTC)


def test_read_of_stock_dates_gives_session_opens_and_drops_holidays(tmp_path):
    path = tmp_path / "AAPL.csv"
    path.write_text("Date,Open,High,Low,Close,Volume,Adj Close\n2012-07-03,1,2,1,2,5,1.5\n2012-07-04,1,2,1,2,5,1.5\n")

    raw = read_candle_file(path, Symbol.parse("AAPL"))

    assert list(raw.opens) == [datetime(2012, 7, 3, 13, 30, tzinfo=UTC)]
    assert raw.values.tolist() == [[1, 2, 1, 2, 5, 1.5]]


def test_read_of_parquet_equals_csv(tmp_path):
    table = pa.table({"open_time": [EXPECTED], "open": [1.0], "high": [2.0], "low": [1.0], "close": [2], "volume": [5]})
    pa.parquet.write_table(table, tmp_path / "BTC_USDT.parquet")

    raw = read_candle_file(tmp_path / "BTC_USDT.parquet", BTC)

    assert raw.opens[0] == EXPECTED
    assert raw.values.tolist() == [[1, 2, 1, 2, 5, 2]]


def test_read_of_untidy_rows_sorts_and_keeps_the_later_of_two(tmp_path):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}7200,3,3,3,3,1\n3600,2,2,2,,1\n0,1,1,1,1,1\n0,9,9,9,9,\n")

    raw = read_candle_file(path, BTC)

    assert [moment.hour for moment in raw.opens] == [0, 2]
    assert raw.values[:, 0].tolist() == [9, 3]


def test_read_without_columns_names_the_file_and_the_columns(tmp_path):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text("when,open,high,close\n0,1,2,3\n")

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT.csv lacks the columns ts, low, volume; has when, open"):
        read_candle_file(path, BTC)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("tme,open,high,low,close,volume", "lacks the columns ts; has 'tme'; did you mean ts?"),
        (
            "Timestamp,open,high,low,close,vol",
            "lacks the columns ts, volume; has 'timestamp', 'vol'; did you mean ts, vol",
        ),
        (
            "ts,opening,high,lo,close,volume",
            "lacks the columns open, low; has 'opening', 'lo'; did you mean open, low?",
        ),
        ("ts,o,h,l,c,v", "lacks the columns open, high, low, close, volume; has ts, o, h, l, c, v"),
    ],
)
def test_read_with_wrong_columns_names_the_near_ones(tmp_path, header, message):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{header}\n0,1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError) as raised:
        read_candle_file(path, BTC)

    assert message in str(raised.value)


@pytest.mark.parametrize("text", ["", f"{HEADER}yesterday,1,2,1,2,5\n", f"{HEADER}0,one,2,1,2,5\n", f"{HEADER}0,1,2\n"])
def test_read_of_broken_text_names_the_file(tmp_path, text):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(text)

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT\.csv"):
        read_candle_file(path, BTC)


@pytest.mark.parametrize(
    ("stamp", "other"),
    [
        ("-1", "2021-01-04"),
        ("0001-01-01", "2021-01-04"),
        ("9999-12-31", "2021-01-04"),
        ("-253402300800000", "1609718400000"),
    ],
)
def test_read_of_a_candle_before_all_markets_or_after_all_dates_is_refused(tmp_path, stamp, other):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}{stamp},1,2,1,2,5\n{other},1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT\.csv holds values that are no .* in the year .*9998"):
        read_candle_file(path, BTC)


def test_read_of_a_broken_gzip_names_the_file(tmp_path):
    path = tmp_path / "BTC_USDT.csv.gz"
    path.write_bytes(b"not gzip")

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT\.csv\.gz cannot be read"):
        read_candle_file(path, BTC)


def write_columns(path, rows=2, **columns):
    known = {"ts": [EXPECTED] * rows, **dict.fromkeys(("open", "high", "low", "close", "volume"), [1.0] * rows)}
    pa.parquet.write_table(pa.table(known | columns), path)


def test_read_of_a_packed_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_ROWS", 500_000)
    path = tmp_path / "BTC_USDT.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode()) + gzip.compress(b"0,1,2,1,2,5\n" * 600_000))
    assert path.stat().st_size < 200_000

    with pytest.raises(InvalidRequestError, match=r"csv\.gz holds more than 1,074 MB or 500,000 rows when it is unpac"):
        read_candle_file(path, BTC)


def test_read_of_parquet_with_rows_without_end_is_refused_unread(tmp_path):
    path = tmp_path / "BTC_USDT.parquet"
    million = pa.table({"open": pa.array([0.0] * 1_000_000)})
    with pa.parquet.ParquetWriter(path, million.schema) as writer:
        for _ in range(unpacking.MOST_ROWS // 1_000_000 + 1):
            writer.write_table(million)
    assert path.stat().st_size < 200_000

    with pytest.raises(InvalidRequestError, match=r"holds 21,000,000 rows, at most 20,000,000 are read"):
        read_candle_file(path, BTC)


def test_read_of_parquet_with_pages_that_unpack_too_far_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "MOST_BYTES", 10_000_000)
    path = tmp_path / "BTC_USDT.parquet"
    write_columns(path, rows=3, ts=[f"{n}" + "0" * 4_000_000 for n in range(3)])
    assert path.stat().st_size < 1_000_000

    with pytest.raises(InvalidRequestError, match=r"holds 12 MB when it is unpacked, at most 10 are read"):
        read_candle_file(path, BTC)


def test_read_of_parquet_whose_texts_repeat_keeps_each_once(tmp_path):
    path = tmp_path / "BTC_USDT.parquet"
    # 4 GB, were each row to have its own
    write_columns(path, rows=40_000, ts=pa.array(["x" * 100_000]).dictionary_encode().take(pa.array([0] * 40_000)))
    assert path.stat().st_size < 100_000

    with pytest.raises(InvalidRequestError, match="no numbers or times"):
        read_candle_file(path, BTC)


@pytest.mark.parametrize("column", [["one", "two"], [[1.0], [2.0]], [{"a": 1}, {"a": 2}]])
def test_read_of_parquet_with_prices_that_are_no_numbers_is_refused(tmp_path, column):
    path = tmp_path / "BTC_USDT.parquet"
    write_columns(path, open=column)

    with pytest.raises(InvalidRequestError, match=r"'open' must hold numbers, is"):
        read_candle_file(path, BTC)


def test_read_of_parquet_leaves_other_columns_unread(tmp_path):
    path = tmp_path / "BTC_USDT.parquet"
    write_columns(path, note=[{"deep": ["x"]}, {"deep": []}], ts=["2021-01-01", "2021-01-02"])

    assert len(read_candle_file(path, BTC).opens) == 2


def test_read_of_parquet_leaves_out_rows_whose_time_is_missing(tmp_path):
    path = tmp_path / "BTC_USDT.parquet"
    write_columns(path, rows=3, ts=["2021-01-02", None, "2021-01-01"], close=[1.0, 2.0, 3.0])

    raw = read_candle_file(path, BTC)

    assert [(moment.day, close) for moment, close in zip(raw.opens, raw.values[:, 3], strict=True)] == [(1, 3), (2, 1)]


def test_read_of_a_pipe_is_refused(tmp_path):
    for name in ("BTC_USDT.csv", "BTC_USDT.parquet"):
        os.mkfifo(tmp_path / name)

        with pytest.raises(InvalidRequestError, match="is no file"):
            read_candle_file(tmp_path / name, BTC)
