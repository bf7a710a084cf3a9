"""A server that answers every call in one faulty way."""

import asyncio

from fastapi import FastAPI, Request, Response


def build_faulty(status: int, body: str = "", *, headers: dict[str, str] | None = None) -> FastAPI:
    """Return an app that answers `status` and `body` whatever is asked."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET"])
    async def fault(_: Request) -> Response:
        return Response(body, status_code=status, headers=headers)

    return app


def build_silent(wait_s: float) -> FastAPI:
    """Return an app that answers after `wait_s` only."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET"])
    async def wait(_: Request) -> Response:
        await asyncio.sleep(wait_s)
        return Response("{}")

    return app
