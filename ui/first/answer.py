"""What fills a page before Gradio has started? All of its values at once, asked while its scripts still load."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from ui.address import Address
from ui.dashboard.places import ASIDE, CHART, MOOD, SIDE, STAGE
from ui.dashboard.rounds import news_round, stage_round, watch_round
from ui.shell import frame_round
from ui.site import Site

_LONGEST_BODY = 32_000
_LONGEST_TEXT = 200
_HEADERS = {"Cache-Control": "no-store"}
_FRAME = ("cc-top", "cc-banner")

Fill = Callable[..., Awaitable[Mapping[str, Any]]]


def first_routes(site: Site) -> APIRouter:
    """Return the route ``first/dashboard``: values by element id, as Gradio's events would bring them.

    It is asked with the page's own query, and a JSON body of what only the browser knows: ``kept``, the reader's
    preferences; ``shown`` and ``held``, the series and the figure that are on the screen already.
    """
    router, fill = APIRouter(prefix="/first", include_in_schema=False), _dashboard(site)

    @router.post("/dashboard")
    async def dashboard(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        preferences = await site.preferences.latest(site.read_preferences(body.get("kept")))
        address = Address.parse(request.url.query)
        values = await fill(address, preferences, shown=_text(body, "shown"), held=_text(body, "held"))
        return Response(orjson.dumps(values), media_type="application/json", headers=_HEADERS)

    return router


def _dashboard(site: Site) -> Fill:
    frame, stage, watch, news = frame_round(site), stage_round(site), watch_round(site), news_round(site)
    outputs = (
        *_FRAME,
        *(place.elem_id for place in (*STAGE, CHART, *ASIDE)),
        *(place.elem_id for place in SIDE),
        *(place.elem_id for place in reversed(MOOD)),
    )

    async def fill(address: Address, preferences: Any, *, shown: str, held: str) -> Mapping[str, Any]:
        found: Sequence[tuple[Any, ...]] = await asyncio.gather(
            frame(address, preferences),
            stage(address, preferences, shown, held),
            watch(address, preferences, shown),
            news(address, preferences, shown),
        )
        return dict(zip(outputs, (value for values in found for value in values), strict=True))

    return fill


async def _body(request: Request) -> Mapping[str, Any] | None:
    """Return the body as a mapping, an empty one where it makes no sense, None where it is too long."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > _LONGEST_BODY:
            return None
    try:
        found = orjson.loads(bytes(parts))
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found[:_LONGEST_TEXT] if isinstance(found, str) else ""
