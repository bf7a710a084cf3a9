"""Small servers in the wire formats of Bybit and OKX, and streams that say what a test wants them to say."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from starlette.websockets import WebSocketDisconnect

from candlecast.replay.recordings import Recording

OKX_LIMIT, BYBIT_LIMIT = 300, 1_000
BYBIT_INTERVALS = {"1h": "60", "1m": "1"}
OKX_BARS = {"1h": "1H", "1m": "1m"}


def build_bybit(recording: Recording) -> FastAPI:
    """Return an app that answers Bybit's instruments, klines, tickers and time for the crypto pairs."""
    app = FastAPI()
    pairs = {name.replace("/", ""): name for name in recording.series}

    @app.get("/v5/market/instruments-info")
    async def instruments() -> dict[str, Any]:
        lots = {"basePrecision": "0.000001", "quotePrecision": "0.01", "minOrderQty": "1", "maxOrderQty": "9"}
        rows = [
            {"symbol": wire, "baseCoin": name.split("/")[0], "quoteCoin": name.split("/")[1], "status": "Trading",
             "lotSizeFilter": lots, "priceFilter": {"tickSize": "0.01"}}
            for wire, name in pairs.items()
        ]  # fmt: skip
        return _bybit({"category": "spot", "list": rows})

    @app.get("/v5/market/kline")
    async def kline(request: Request) -> dict[str, Any]:
        query = request.query_params
        if query["interval"] != BYBIT_INTERVALS[recording.timeframe]:
            return {"retCode": 10001, "retMsg": "Invalid period!", "result": {}}
        rows = _rows(recording, pairs[query["symbol"]], int(query["start"]), int(query["end"]))
        # Newest first, and the newest of the span when there are too many.
        return _bybit({"symbol": query["symbol"], "list": [[*row, "0"] for row in rows[::-1][: int(query["limit"])]]})

    @app.get("/v5/market/tickers")
    async def tickers(request: Request) -> dict[str, Any]:
        wire = request.query_params["symbol"]
        return _bybit({"category": "spot", "list": [{"symbol": wire, "lastPrice": _last(recording, pairs[wire])}]})

    @app.get("/v5/market/time")
    async def time() -> dict[str, Any]:
        return _bybit({"timeSecond": "1672193331", "timeNano": "1672193331000000000"})

    return app


def build_okx(recording: Recording) -> FastAPI:
    """Return an app that answers OKX's instruments, candles, ticker and time for the crypto pairs."""
    app = FastAPI()
    pairs = {name.replace("/", "-"): name for name in recording.series}

    @app.get("/api/v5/public/instruments")
    async def instruments() -> dict[str, Any]:
        rows = [
            {"instId": wire, "instType": "SPOT", "baseCcy": name.split("/")[0], "quoteCcy": name.split("/")[1],
             "state": "live", "lotSz": "0.1", "tickSz": "0.1", "minSz": "0.1"}
            for wire, name in pairs.items()
        ]  # fmt: skip
        return _okx(rows)

    @app.get("/api/v5/market/candles")
    @app.get("/api/v5/market/history-candles")
    async def candles(request: Request) -> dict[str, Any]:
        query = request.query_params
        if query["bar"] != OKX_BARS[recording.timeframe]:
            return {"code": "51000", "msg": "Parameter bar error", "data": []}
        # Neither end counts.
        rows = _rows(recording, pairs[query["instId"]], int(query["before"]) + 1, int(query["after"]) - 1)
        return _okx([[*row, "0", "0", "1"] for row in rows[::-1][: min(int(query["limit"]), OKX_LIMIT)]])

    @app.get("/api/v5/market/ticker")
    async def ticker(request: Request) -> dict[str, Any]:
        wire = request.query_params["instId"]
        return _okx([{"instType": "SPOT", "instId": wire, "last": _last(recording, pairs[wire])}])

    @app.get("/api/v5/public/time")
    async def time() -> dict[str, Any]:
        return _okx([{"ts": "1621247923668"}])

    return app


def add_stream(app: FastAPI, path: str, script: Sequence[str], *, close: bool = False) -> list[Any]:
    """Let `app` say `script` at `path` after each subscription; returns the subscriptions as they come."""
    asked: list[Any] = []

    @app.websocket(path)
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        try:
            asked.append(await socket.receive_json())
            for message in script:
                await socket.send_text(message)
            if close:
                await socket.close(1001)
                return
            while True:
                asked.append(await socket.receive_json())
        except WebSocketDisconnect:
            return

    return asked


def refuse_stream(app: FastAPI, path: str, status: int, headers: dict[str, str]) -> None:
    """Let `app` answer whoever asks for the stream at `path` with an HTTP status."""

    @app.websocket(path)
    async def refuse(socket: WebSocket) -> None:
        await socket.send_denial_response(Response("no", status_code=status, headers=headers))


def _rows(recording: Recording, name: str, first_ms: int, last_ms: int) -> list[list[str]]:
    candles = recording.series[name].candles
    opens_ms = candles["open_time"].astype("int64") // 1_000
    wanted = (opens_ms >= first_ms) & (opens_ms <= last_ms)
    figures = candles[["open", "high", "low", "close", "volume"]][wanted].to_numpy().tolist()
    return [[str(opened_ms), *map(repr, row)] for opened_ms, row in zip(opens_ms[wanted], figures, strict=True)]


def _last(recording: Recording, name: str) -> str:
    return repr(float(recording.series[name].candles["close"].iloc[-1]))


def _bybit(result: object) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1_672_025_956_592}


def _okx(data: object) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": data}
