import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from candlecast.errors import StorageError
from candlecast.storage.postgres.binary_copy import decode, encode, times_from_wire, times_to_wire


def test_encode_of_one_row_has_the_layout_of_the_manual():
    stream = encode([{"id": np.array([7], "int32"), "price": np.array([1.5])}])

    header = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
    row = struct.pack(">hiiid", 2, 4, 7, 8, 1.5)
    assert stream == header + row + struct.pack(">h", -1)


def test_encode_of_no_rows_is_header_and_end():
    assert len(encode([{"id": np.array([], "int64")}])) == 19 + 2


@settings(deadline=None)
@given(arrays.arrays("float64", st.integers(0, 20)), st.data())
def test_decode_of_encoded_columns_returns_them(prices, data):
    numbers = data.draw(arrays.arrays("int64", len(prices)))

    rows = decode(encode([{"number": numbers, "price": prices}]), {"number": "i8", "price": "f8"})

    np.testing.assert_array_equal(rows["number"], numbers)
    np.testing.assert_array_equal(rows["price"], prices)


def test_encode_of_texts_and_null_repeats_them_in_every_row_of_a_block():
    blocks = [
        {"name": "µ", "id": np.array([1, 2], "int16"), "note": None},
        {"name": "abc", "id": np.array([3], "int16"), "note": ""},
    ]

    stream = encode(blocks)

    row = struct.Struct(">hi2sihi")
    first, second = (row.pack(3, 2, "µ".encode(), 2, number, -1) for number in (1, 2))
    assert stream[19:-2] == first + second + struct.pack(">hi3sihi", 3, 3, b"abc", 2, 3, 0)


def test_decode_of_null_is_refused():
    null = struct.pack(">hi", 1, -1)
    stream = b"PGCOPY\n\xff\r\n\x00" + b"\0" * 8 + null + b"\xff\xff"

    with pytest.raises(StorageError, match="NULL"):
        decode(stream, {"price": "f8"})


def test_times_to_wire_counts_from_2000():
    times = pd.DatetimeIndex(["2000-01-01T00:00:00.000001Z", "1999-12-31T23:59:59Z"])

    assert times_to_wire(times).tolist() == [1, -1_000_000]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_from_wire_return_what_was_sent(unit):
    times = pd.DatetimeIndex(["2017-08-17T04:00:00Z", "2035-01-01T00:00:00Z"]).as_unit(unit)

    back = times_from_wire(times_to_wire(times))

    assert back.dtype == "datetime64[us, UTC]"
    assert list(back) == list(times)


def test_times_to_wire_of_another_zone_are_utc():
    times = pd.DatetimeIndex(["2000-01-01T01:00:00+01:00"])

    assert times_to_wire(times).tolist() == [0]
