"""What does a field of a feed hold? Texts and times, whatever was sent in their place."""

from datetime import UTC, datetime
from typing import Any


def text_in(content: Any, *names: str) -> str:
    """Return the text under the path `names` of nested objects, "" where there is none."""
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, str) else ""


def moment_in(text: str) -> datetime | None:
    """Return an ISO 8601 time in UTC, None where it is none; without a zone it is one in UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
