"""How do arrays travel to and from PostgreSQL? In the binary format of COPY, without a loop over rows.

Layout by the manual, "COPY, Binary Format": a header of 19 bytes; per row the number of fields as
int16, then per field its length as int32 and its bytes, all big-endian; int16 -1 at the end.
Every field of a block has one length, so its rows are the records of one NumPy array.
"""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from candlecast.errors import StorageError

Array = npt.NDArray[np.generic]
Records = npt.NDArray[np.void]
# Columns by name: int16, int32, int64 or float64 arrays of shape (n,), at least one; a text or None (NULL) stands for
# the same in every row.
Block = Mapping[str, Array | str | None]

_HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_END = b"\xff\xff"
# PostgreSQL counts microseconds from 2000-01-01, pandas from 1970-01-01.
_CHUNK_BYTES = 1 << 16
_EPOCH_US = 946_684_800_000_000


def times_to_wire(times: pd.Series | pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Return times as PostgreSQL's microseconds since 2000-01-01 UTC.

    Parameters
    ----------
    times : Series or DatetimeIndex of shape (n,)
        Aware times, none missing.
    """
    index = pd.DatetimeIndex(times).tz_convert("UTC").as_unit("us")
    return index.asi8 - _EPOCH_US


def times_from_wire(microseconds: Array) -> pd.DatetimeIndex:
    """Return a ``datetime64[us, UTC]`` index of PostgreSQL's microseconds since 2000-01-01 UTC."""
    since_1970 = microseconds.astype("int64") + _EPOCH_US
    return pd.DatetimeIndex(since_1970.view("datetime64[us]")).tz_localize("UTC")


def copy_in(cursor: Cursor, table: str, blocks: Sequence[Block]) -> None:
    """Append rows to `table`.

    Parameters
    ----------
    cursor : psycopg2 cursor
        Inside a transaction.
    table : str
        Target, whose column types have exactly the sizes of the arrays.
    blocks : sequence of Block
        At least one, all with the same columns in one order.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, blocks[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)
    cursor.copy_expert(statement, io.BytesIO(encode(blocks)), size=_CHUNK_BYTES)


def copy_out(cursor: Cursor, query: str, parameters: Sequence[object], *, fields: Mapping[str, str]) -> Records:
    """Read the rows of `query` as one structured array.

    Parameters
    ----------
    cursor : psycopg2 cursor
        Inside a transaction.
    query : str
        SELECT whose columns are never NULL and all of fixed length.
    parameters : sequence
        Values of the query's placeholders.
    fields : mapping of str to str
        NumPy type of each column, in order, as ``i8``, ``f8``, ``S24``.

    Returns
    -------
    ndarray of shape (n,)
        Structured, with the names of `fields`.
    """
    buffer = io.BytesIO()
    statement = cursor.mogrify(query, parameters).decode()
    cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", buffer)
    return decode(buffer.getbuffer(), fields)


def encode(blocks: Sequence[Block]) -> bytes:
    """Return `blocks` as a stream of COPY rows, see `copy_in`."""
    return b"".join([_HEADER, *map(_encode_block, blocks), _END])


def decode(stream: bytes | memoryview, fields: Mapping[str, str]) -> Records:
    """Return the rows of a COPY stream as a structured array with the names of `fields`.

    Raises
    ------
    StorageError
        When the rows do not have the lengths of `fields`, as with a NULL.
    """
    row_type = _row_type(fields)
    n_rows, rest = divmod(len(stream) - len(_HEADER) - len(_END), row_type.itemsize)
    if rest != 0:
        raise StorageError(f"COPY rows must have {row_type.itemsize} bytes each, {rest} were left over; select no NULL")
    return np.frombuffer(stream, row_type, count=n_rows, offset=len(_HEADER))[list(fields)]


def _encode_block(block: Block) -> bytes:
    wire, lengths, constants = {}, {}, {}
    for name, values in block.items():
        if isinstance(values, np.ndarray):
            wire[name], lengths[name] = values.dtype.str, values.dtype.itemsize
        else:
            text = b"" if values is None else values.encode()
            wire[name], lengths[name] = f"S{len(text)}", -1 if values is None else len(text)
            constants[name] = text
    n_rows = next(len(values) for values in block.values() if isinstance(values, np.ndarray))
    row = np.zeros(1, _row_type(wire))
    row["fields"] = len(block)
    for name, length in lengths.items():
        row[f"{name} length"] = length
    for name, text in constants.items():
        row[name] = text
    rows = np.repeat(row, n_rows)
    for name, values in block.items():
        if isinstance(values, np.ndarray):
            rows[name] = values
    return rows.tobytes()


def _row_type(fields: Mapping[str, str]) -> "np.dtype[np.void]":
    layout = [("fields", ">i2")]
    for name, kind in fields.items():
        layout += [(f"{name} length", ">i4"), (name, np.dtype(kind).newbyteorder(">").str)]
    return np.dtype(layout)
