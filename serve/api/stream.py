"""What happens, as it happens: server-sent events."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from serve.api.services import ServicesDep
from serve.server_events import MEDIA_TYPE, EventStreamResponse, Place, parse_id

router = APIRouter(prefix="/v1", tags=["stream"])

_DESCRIPTION = (
    "`price`, `candle`, `forecast`, `news`, `alert`, `drift`, and `heartbeat` every 15 s; `gap`: events were missed; "
    "`overflow`: the client was too slow and shall connect again."
)


@router.get(
    "/stream",
    summary="Prices, candles, forecasts, news, alerts and drift as server-sent events",
    response_class=Response,
    responses={200: {"description": _DESCRIPTION, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def stream(
    request: Request,
    services: ServicesDep,
    symbols: Annotated[str, Query(max_length=20_000, description="comma-separated; empty: all")] = "",
    last_event_id: Annotated[str, Header(max_length=200, description="id of the newest event you have")] = "",
) -> Response:
    """Answer for as long as the client listens; with Last-Event-ID first what it missed."""
    names = [name.strip().upper() for name in symbols.split(",") if name.strip()]
    followed = services.reading.reader.names
    for name in names:
        if name not in followed:
            raise UnknownSymbolError(name, followed)
    after, server = _place(last_event_id), request.scope.get("server")
    address = (server[0], server[1]) if server and server[1] else None
    chunks = await services.hub.listen(frozenset(names), after=after, address=address)
    return EventStreamResponse(chunks, may_listen=partial(services.access.knows, request))


def _place(text: str) -> Place | None:
    if not text:
        return None
    place = parse_id(text)
    if place is None:
        raise InvalidRequestError(
            f"Last-Event-ID {text[:40]!r} is no id of this stream, as 1792318800000-0.3; leave it out to begin now"
        )
    return place
