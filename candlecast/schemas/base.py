"""What all wire models share, and how an error looks."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """Base of all wire models: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(WireModel):
    """An error as RFC 9457 ``application/problem+json``."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None


def problem(*, status: int, title: str, detail: str, instance: str | None = None) -> dict[str, Any]:
    """Return the JSON object of a problem."""
    return Problem(status=status, title=title, detail=detail, instance=instance).model_dump(exclude_none=True)
