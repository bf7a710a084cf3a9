"""How does a value become ``jsonb``? By orjson, which writes NaN and infinity as null."""

import orjson
from psycopg2.extras import Json


def json_value(value: object) -> Json:
    """Return `value` as a parameter for a ``jsonb`` column; NumPy numbers and arrays are accepted."""
    return Json(value, dumps=_dumps)


def _dumps(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode()
