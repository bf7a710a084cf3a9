"""Lists as JSON, CSV or Parquet, as the request's Accept header prefers."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin
from urllib.parse import urlencode

from fastapi import Request, Response

from candlecast.schemas import WireModel, csv_text

if TYPE_CHECKING:
    import pyarrow as pa

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
TABLE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": {"Link": {"schema": {"type": "string"}, "description": 'the next page, rel="next"'}},
    }
}


def negotiated(
    request: Request, page: WireModel, *, rows: Callable[[], Sequence[WireModel]], row_type: type[WireModel]
) -> Response:
    """Answer one page of a list in the form that the request prefers; JSON where it does not say.

    The next page, if `page.next_cursor` names one, is told in a Link header too, since tables have
    no place for it.

    Parameters
    ----------
    request : Request
        Whose Accept header and address count.
    page : WireModel
        What JSON shows.
    rows : callable
        Gives what tables show, one flat `row_type` a line; called for tables only.
    row_type : type
        Its fields are the columns: texts, numbers, flags or times; a missing value is empty.
    """
    kind = preferred(request.headers.get("accept", ""))
    if kind == CSV:
        answer = Response(csv_text(rows(), row_type), media_type=f"{CSV}; charset=utf-8")
    elif kind == PARQUET:
        answer = Response(_parquet(rows(), row_type), media_type=PARQUET)
    else:
        answer = Response(page.model_dump_json(), media_type=JSON)
    answer.headers["Vary"] = "Accept"
    cursor = getattr(page, "next_cursor", None)
    if cursor is not None:
        query = urlencode(
            [*((n, v) for n, v in request.query_params.multi_items() if n != "cursor"), ("cursor", cursor)]
        )
        answer.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return answer


def preferred(accept: str) -> str:
    """Return the media type of `JSON`, `CSV`, `PARQUET` that an Accept header weighs most, the first of equals."""
    weights = dict.fromkeys((JSON, CSV, PARQUET), 0.0)
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((_weight(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        for name in weights:
            if kind == name or (name == JSON and kind in ("*/*", "application/*")):
                weights[name] = max(weights[name], weight)
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] > 0 else JSON


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _parquet(rows: Sequence[WireModel], row_type: type[WireModel]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _arrow(field.annotation)) for name, field in row_type.model_fields.items()])
    columns = {name: [getattr(row, name) for row in rows] for name in row_type.model_fields}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), sink)
    return sink.getvalue()


def _arrow(annotation: Any) -> "pa.DataType":
    import pyarrow as pa

    kinds = {datetime: pa.timestamp("us", tz="UTC"), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}
    if isinstance(annotation, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is Literal:
        return pa.string()
    return kinds.get(annotation, pa.string())
