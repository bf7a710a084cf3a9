from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.candles import Symbol
from candlecast.replay.files import read_candle_file

BTC = Symbol.parse("BTC/USDT")
HEADER = "ts,open,high,low,close,volume\n"
EXPECTED = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp", ["2021-01-01T00:00:00Z", "2021-01-01 00:00:00", "2021-01-01", "1609459200", "1609459200000"]
)
def test_read_takes_times_in_every_common_form(tmp_path, stamp):
    path = tmp_path / "BTC_USDT.csv"
    path.write_text(f"{HEADER}{stamp},1,2,1,2,5\n")

    raw = read_candle_file(path, BTC)

    assert raw.opens[0] == EXPECTED
    assert raw.opens.dtype == "datetime64[us, UTC]"


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


def test_read_of_a_broken_gzip_names_the_file(tmp_path):
    path = tmp_path / "BTC_USDT.csv.gz"
    path.write_bytes(b"not gzip")

    with pytest.raises(InvalidRequestError, match=r"BTC_USDT\.csv\.gz cannot be read"):
        read_candle_file(path, BTC)
