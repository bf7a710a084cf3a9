"""How long may an answer be kept by whoever asked? Until the next candle closes, and then it is compared."""

import hashlib
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import Request, Response

NOT_MODIFIED: Mapping[int | str, dict[str, Any]] = MappingProxyType(
    {304: {"description": "What the request has already, by its If-None-Match, still holds"}}
)


def cached_until(request: Request, answer: Response, *, max_age_s: float) -> Response:
    """Return `answer` with its tag and life, or 304 when the request has the same already.

    Parameters
    ----------
    request : Request
        Whose If-None-Match header counts.
    answer : Response
        With its body and media type.
    max_age_s : float
        Wall seconds for which it holds; 0 or less: it must be asked for again each time.
    """
    body = bytes(answer.body)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    age_s = math.floor(min(max(max_age_s, 0.0), 86_400.0))
    answer.headers["ETag"] = tag
    # a key opened it: nobody else's cache may keep it
    answer.headers["Cache-Control"] = f"private, max-age={age_s}" if age_s else "private, no-cache"
    if not is_held(request, tag):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)


def is_held(request: Request, tag: str) -> bool:
    """Tell whether the request has what `tag` names already, by its If-None-Match header; weak tags count too."""
    held = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return held == ["*"] or tag.removeprefix("W/") in held
