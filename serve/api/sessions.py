"""Sessions of the page: what it remembers of a user, under an id that only the user's browser knows."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from candlecast.schemas import Session, SessionData
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

# 22 characters hold 128 random bits: nobody guesses another one's
SessionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22,64}$", description="made up by the client, at random")]


@router.get("/{session_id}", summary="What was kept under this id")
async def read_session(session_id: SessionId, services: ServicesDep) -> Session:
    """Return what was written in the last 24 h; a 404 when nothing was."""
    found = await services.reading.sessions.read(session_id)
    if found is None:
        raise HTTPException(404, "no session is kept under this id; sessions end 24 h after they were last written")
    return Session(id=session_id, data=found)


@router.put("/{session_id}", summary="Keep up to 64 KiB of JSON under this id for 24 h")
async def write_session(session_id: SessionId, wanted: SessionData, services: ServicesDep) -> Session:
    """Replace what is kept under this id and return it."""
    await services.reading.sessions.write(session_id, wanted.data)
    return Session(id=session_id, data=wanted.data)
