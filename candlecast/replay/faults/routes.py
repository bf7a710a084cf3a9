"""How is a script loaded into a running replay? ``POST``, ``GET`` and ``DELETE /faults``."""

from collections.abc import Collection
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from candlecast.errors import InvalidRequestError
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.script import Fault, FaultScript, parse_script
from candlecast.replay.tape import moment_of

JSON = "application/json"


def build_fault_routes(board: FaultBoard, symbols: Collection[str]) -> APIRouter:
    """Return the routes that tell and change what goes wrong with the recorded `symbols`."""
    router = APIRouter()

    @router.get("/faults")
    async def tell() -> dict[str, Any]:
        return describe(board)

    @router.post("/faults")
    async def load(request: Request) -> Response:
        try:
            script = parse_script(orjson.loads(await request.body()), symbols=symbols)
        except orjson.JSONDecodeError as error:
            return _refuse(f"a script must be JSON, {error}")
        except InvalidRequestError as error:
            return _refuse(str(error))
        board.load(script)
        return Response(orjson.dumps(describe(board)), media_type=JSON)

    @router.delete("/faults")
    async def forget() -> dict[str, Any]:
        board.load(FaultScript())
        return describe(board)

    return router


def describe(board: FaultBoard) -> dict[str, Any]:
    """Return the loaded script, as it was understood, and where it stands."""
    faults = [_describe(fault, board.elapsed_s) for fault in board.script.faults]
    return {"seed": board.script.seed, "elapsed_s": round(board.elapsed_s, 3), "faults": faults}


def _refuse(text: str) -> Response:
    return Response(orjson.dumps({"detail": text}), status_code=422, media_type=JSON)


def _describe(fault: Fault, elapsed_s: float) -> dict[str, Any]:
    over = elapsed_s >= fault.start_s + fault.length_s
    state = "over" if over else "at work" if elapsed_s >= fault.start_s else "waiting"
    times = {"since": fault.since_us, "until": fault.until_us}
    return {
        "kind": fault.kind,
        "venue": fault.venue,
        "start_s": fault.start_s,
        "length_s": fault.length_s,
        "symbols": sorted(fault.symbols) or None,
        **fault.numbers,
        **{name: moment_of(time).isoformat() for name, time in times.items() if time is not None},
        "state": state,
    }
