"""What is an answer told beside its body, whichever answer it will be? Headers, left in the request."""

from typing import Final

from starlette.requests import Request

from candlecast.storage.request_limits import Allowance, retry_after_s
from serve.api.problems import ProblemError

# where a request keeps headers for its answer, whichever that will be
TOLD: Final = "candlecast.headers"


def tell(request: Request, name: str, value: str) -> None:
    """Leave a header to the answer of `request`, be it a problem or not."""
    request.scope.setdefault(TOLD, []).append((name.lower().encode("latin-1"), value.encode("latin-1")))


def count(request: Request, allowance: Allowance, *, name: str) -> None:
    """Leave to the answer what is left of the limit of the key `name`.

    Raises
    ------
    ProblemError
        When nothing was left for this request.
    """
    wait_s = retry_after_s(allowance)
    tell(request, "RateLimit-Policy", f'"key";q={allowance.limit};w={allowance.window_s}')
    tell(request, "RateLimit", f'"key";r={allowance.remaining};t={wait_s}')
    if not allowance.allowed:
        tell(request, "Retry-After", str(wait_s))
        raise ProblemError(
            status=429,
            title="Too many requests",
            detail=f"key {name!r} may send {allowance.limit} requests in {allowance.window_s} s; "
            f"try again in {wait_s} s",
        )
