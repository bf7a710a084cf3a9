"""How is a Parquet file from elsewhere read? Its sizes first, then the columns that are wanted, no others."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from candlecast.errors import InvalidRequestError
from candlecast.unpacking import MOST_BYTES, MOST_ROWS


def read_parquet(path: Path, wanted: Mapping[str, bool]) -> tuple[pa.Table, list[str]]:
    """Read the wanted columns of a file.

    Parameters
    ----------
    path : Path
        Of a Parquet file.
    wanted : mapping of str to bool
        For each plain name, as `plain_name` has it, whether the column must hold numbers.

    Returns
    -------
    Table, list of str
        The wanted columns that there are, by their plain names; and the plain names of all columns.

    Raises
    ------
    InvalidRequestError
        When it holds more than it may, or other things.
    ArrowException, OSError
        When it is no whole Parquet file.
    """
    if not path.is_file():
        raise InvalidRequestError(f"{path} is no file; name one that holds its whole content")
    schema = pq.read_schema(path)
    names = [plain_name(name) for name in schema.names]
    fields = [field for field, name in zip(schema, names, strict=True) if name in wanted]
    for field in fields:
        _check_kind(field, path, number=wanted[plain_name(field.name)])
    # a text that comes a million times stays one text
    texts = [field.name for field in fields if _is_text(field.type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        _check_size(file.metadata, path, {field.name for field in fields})
        table = file.read(columns=[field.name for field in fields])
    return table.rename_columns([plain_name(field.name) for field in fields]), names


def plain_name(name: str) -> str:
    """Return the name of a column as all files have it in common."""
    return name.strip().lower().replace(" ", "_")


def _check_size(metadata: pq.FileMetaData, path: Path, columns: set[str]) -> None:
    if metadata.num_rows > MOST_ROWS:
        raise InvalidRequestError(f"{path} holds {metadata.num_rows:,} rows, at most {MOST_ROWS:,} are read; split it")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    n_bytes = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in columns)
    if n_bytes > MOST_BYTES:
        raise InvalidRequestError(
            f"{path} holds {n_bytes / 1e6:,.0f} MB when it is unpacked, "
            f"at most {MOST_BYTES / 1e6:,.0f} are read; split it"
        )


def _check_kind(field: pa.Field, path: Path, *, number: bool) -> None:
    kinds = pa.types
    is_number = any(test(field.type) for test in (kinds.is_integer, kinds.is_floating, kinds.is_decimal))
    if not (is_number or (not number and (_is_text(field.type) or kinds.is_temporal(field.type)))):
        what = "numbers" if number else "times"
        raise InvalidRequestError(
            f"{path} holds values that are no numbers or times: {field.name!r} must hold {what}, is {field.type}"
        )


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))
