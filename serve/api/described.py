"""What does the OpenAPI document say of errors and keys? The same of every route, without saying it at each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI

from candlecast.schemas import Problem
from serve.api.problems import MEDIA_TYPE

_TEXTS: Mapping[int, str] = MappingProxyType(
    {
        400: "The body cannot be read",
        401: "No key, or one that is not in force",
        403: "The key's scope does not allow it",
        404: "Not known here",
        408: "The body did not come in time",
        409: "Too few candles yet",
        413: "The body is too large",
        415: "The body is not application/json",
        422: "The request must be changed; the detail says how",
        429: "Too many requests: Retry-After says when to come back",
        503: "Something that it needs does not answer, or no forecast can be made: try again later",
    }
)
_EVERYWHERE = (401, 403, 404, 422, 429, 503)
_WITH_BODY = (400, 413, 415)
_VERBS = ("get", "post", "put", "patch", "delete")
_SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of a route that answers these problems beside those that every route does."""
    return {status: _response(status) for status in statuses}


def describe(api: FastAPI) -> None:
    """Have the document of `api` name the problems and keys of its ``/v1`` routes."""
    plain: Callable[[], dict[str, Any]] = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _completed(plain())
        return api.openapi_schema

    # FastAPI documents this way of changing the document
    api.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    parts["securitySchemes"] = _SCHEMES
    for path, verbs in document["paths"].items():
        for verb, route in verbs.items():
            if verb in _VERBS and path.startswith("/v1"):
                _complete(route)
    return document


def _complete(route: dict[str, Any]) -> None:
    route["security"] = [{name: []} for name in _SCHEMES]
    answers = route["responses"]
    # what FastAPI says of 422 by itself is not what we answer
    answers.pop("422", None)
    for status in (*_EVERYWHERE, *(_WITH_BODY if "requestBody" in route else ())):
        answers.setdefault(str(status), _response(status))


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _TEXTS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
