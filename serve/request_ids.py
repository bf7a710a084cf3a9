"""The id of a request, from the ingress to the deployments behind it: their log lines name it too."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from structlog.contextvars import bound_contextvars, get_contextvars


def request_id() -> str:
    """Return the id of the request that is being answered here; "": work that nobody asked for."""
    return str(get_contextvars().get("request_id", ""))


def on_behalf_of(request_ids: Sequence[str]) -> AbstractContextManager[None]:
    """Return a context whose log lines name the requests that are answered together in it."""
    named = " ".join(filter(None, request_ids))
    return bound_contextvars(request_id=named) if named else nullcontext()
