"""How are rows written as CSV? Times in RFC 3339, what is missing empty, no text that a spreadsheet would compute."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from candlecast.schemas.base import WireModel

# with these at their start, texts are formulas to a spreadsheet
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")


def csv_text(rows: Sequence[WireModel], row_type: type[WireModel], *, head: bool = True) -> str:
    """Return rows as CSV, one line each.

    Parameters
    ----------
    rows : sequence of row_type
        Flat: texts, numbers, flags or times.
    row_type : type
        Its fields are the columns.
    head : bool
        Begin with a line of the columns' names.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    if head:
        writer.writerow(row_type.model_fields)
    writer.writerows([_cell(getattr(row, name)) for name in row_type.model_fields] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
