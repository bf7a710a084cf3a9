"""One call: what is sent, and how its answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import TypeAdapter, ValidationError

from candlecast.calls.failures import problem_error, problem_of, retry_after_s
from candlecast.errors import SourceUnavailableError
from candlecast.schemas import WireModel

Answer = TypeVar("Answer")
Param = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One call of the API.

    Parameters
    ----------
    path : str
        Path below the base address.
    answer : TypeAdapter
        Reads the JSON of the answer; None stands for an answer without a body.
    params : mapping
        Query of the address.
    body : WireModel, mapping or None
        What is sent as JSON.
    method : str
        As in HTTP.
    accepted : frozenset of int
        Status codes whose JSON is the answer rather than a problem.
    repeatable : bool
        Whether it may be sent again after an answer that leaves open whether it was done.
    """

    path: str
    answer: TypeAdapter[Answer]
    params: Mapping[str, Param] = field(default_factory=dict)
    body: WireModel | Mapping[str, Any] | None = None
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    accepted: frozenset[int] = frozenset({200, 201, 202, 204})
    repeatable: bool = True


def build_request(http: httpx2.Client | httpx2.AsyncClient, call: Call[Answer]) -> httpx2.Request:
    """Return the request of `call`, for either kind of client."""
    params = dict(call.params)
    if call.body is None:
        return http.build_request(call.method, call.path, params=params)
    body = call.body.model_dump(mode="json") if isinstance(call.body, WireModel) else call.body
    return http.build_request(call.method, call.path, params=params, json=body)


def read_answer(call: Call[Answer], response: httpx2.Response) -> Answer:
    """Return what `response` says, or raise the error that it stands for."""
    problem = problem_of(response)
    if problem is not None:
        raise problem_error(problem, retry_after_s=retry_after_s(response) or 1.0)
    try:
        if response.status_code in call.accepted:
            return call.answer.validate_json(response.content or b"null")
        cause: ValidationError | None = None
    except ValidationError as error:
        cause = error
    raise SourceUnavailableError(
        f"{response.request.method} {response.request.url} answered {response.status_code} with a body that is "
        "not Candlecast's; check that the address is a Candlecast API of this version"
    ) from cause


def given(**params: Param | datetime | None) -> dict[str, Param]:
    """Return those parameters that are not None, times in ISO 8601."""
    named = {name: value for name, value in params.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in named.items()}


def path_of(*parts: str) -> str:
    """Return the path below ``/v1`` whose parts these are, whatever characters they hold."""
    return "/".join(["/v1", *(quote(part, safe="") for part in parts)])
