"""The straight way to a forecast that is known: from the board to the socket."""

from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from candlecast.forecasts.board import Known
from candlecast.storage.cache import Series
from serve.api.services import services_of

_PATH = "/v1/forecasts/latest"
# what changes the answer; a request with one of them goes the whole way
_UNUSUAL = frozenset({b"if-none-match", b"accept"})
_ANY_KIND = (b"*/*", b"application/json")
# longer ones name no series; they would only fill the memory of those that were read
_LONGEST_QUERY = 400
_NAMES = ({"symbol", "timeframe"}, {"symbol", "timeframe", "horizon"})


class ForecastShortcut:
    """Answers ``GET /v1/forecasts/latest`` from memory exactly as the route would, without its machinery.

    Whatever is unusual (not known, no valid key, a condition, a faulty parameter) is left to the route.

    Parameters
    ----------
    app : ASGI application
        The API with its routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        known = _known(scope) if scope.get("path") == _PATH and scope["method"] == "GET" else None
        if known is None:
            await self._app(scope, receive, send)
            return
        headers = [
            (b"content-length", b"%d" % len(known.body)),
            (b"content-type", b"application/json"),
            *((name.encode(), value.encode()) for name, value in life_headers(known).items()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": known.body})


def life_headers(known: Known) -> dict[str, str]:
    """Return the headers that say which forecast an answer is and for how long a copy holds."""
    # a key opened it: nobody else's cache may keep it
    life = f"private, max-age={known.max_age_s}" if known.max_age_s else "private, no-cache"
    return {"etag": known.etag, "cache-control": life}


def _known(scope: Scope) -> Known | None:
    query = scope["query_string"]
    series = _series(query) if len(query) <= _LONGEST_QUERY else None
    if series is None or any(_is_unusual(name, value) for name, value in scope["headers"]):
        return None
    services = services_of(scope)
    # the key counts as used only where this is the answer
    if not services.reading.forecasts.board.knows(series) or not services.access.pass_now(scope):
        return None
    return services.reading.forecasts.board.find(series)


def _is_unusual(name: bytes, value: bytes) -> bool:
    return name in _UNUSUAL and not (name == b"accept" and value in _ANY_KIND)


@lru_cache(maxsize=4_096)
def _series(query: bytes) -> Series | None:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs) or set(given) not in _NAMES:
        return None
    horizon = given.get("horizon", "1")
    if not (horizon.isascii() and horizon.isdigit() and len(horizon) <= 2):
        return None
    return given["symbol"], given["timeframe"], int(horizon)
