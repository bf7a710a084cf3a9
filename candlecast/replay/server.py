"""Local venues and feeds: recorded candles and headlines on their own clock, in the wire formats of the real ones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, FastAPI, Request, Response

from candlecast.clock import ReplayClock
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.middleware import FaultMiddleware
from candlecast.replay.faults.routes import build_fault_routes
from candlecast.replay.faults.script import FaultScript
from candlecast.replay.headlines import Headlines
from candlecast.replay.position import SAVE_INTERVAL_S, Position
from candlecast.replay.recordings import Recording
from candlecast.replay.wire.binance import BINANCE, WireError, build_binance_routes
from candlecast.replay.wire.binance_stream import build_binance_stream
from candlecast.replay.wire.coinbase import COINBASE, build_coinbase_routes
from candlecast.replay.wire.cryptopanic import build_cryptopanic_routes
from candlecast.replay.wire.kraken import KRAKEN, build_kraken_routes
from candlecast.replay.wire.newsapi import build_newsapi_routes
from candlecast.replay.wire.newsroom import Newsroom
from candlecast.replay.wire.played import JSON, PlayedVenue
from candlecast.replay.wire.rss import build_rss_routes
from candlecast.replay.wire.yahoo import YAHOO, build_yahoo_routes

N_UPDATES = 2


def build_replay(
    recording: Recording,
    clock: ReplayClock,
    *,
    headlines: Headlines | None = None,
    position: Position | None = None,
    faults: FaultScript | None = None,
) -> FastAPI:
    """Return the replay server of `recording` at the time of `clock`.

    Parameters
    ----------
    recording : Recording
        What is played; candles that open after ``clock.now()`` are never served.
    clock : ReplayClock
        Market time; also told to others at ``GET /clock``.
    headlines : Headlines, optional
        What its feeds tell, each one from its publication on; None: their pages are empty.
    position : Position, optional
        Where the market time is kept on disk, so that a restart goes on from there.
    faults : FaultScript, optional
        What goes wrong; its times count from this call.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        saver = None if position is None else asyncio.create_task(_keep_saving(position, clock))
        yield
        if saver is not None and position is not None:
            saver.cancel()
            position.save(clock.now(), speed=clock.speed)

    board = FaultBoard(clock)
    board.load(faults or FaultScript())
    app = FastAPI(title="Candlecast replay", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    _play_venues(app, recording, clock, board)
    told = headlines or Headlines("none")
    newsroom = Newsroom(told, clock, board)
    for build in (build_newsapi_routes, build_cryptopanic_routes, build_rss_routes):
        app.include_router(build(newsroom))
    app.include_router(build_fault_routes(board, recording.series))
    app.include_router(_build_own_routes(recording, clock, news=bool(told.items)))
    return app


def _play_venues(app: FastAPI, recording: Recording, clock: ReplayClock, board: FaultBoard) -> None:
    venues = [PlayedVenue(recording, clock, dialect, board) for dialect in (BINANCE, KRAKEN, COINBASE, YAHOO)]
    binance, kraken, coinbase, yahoo = venues
    app.include_router(build_binance_routes(binance))
    app.include_router(build_binance_stream(binance, board, n_updates=N_UPDATES))
    app.include_router(build_kraken_routes(kraken))
    app.include_router(build_coinbase_routes(coinbase))
    app.include_router(build_yahoo_routes(yahoo))
    names = {venue.name: {wire: symbol.name for wire, symbol in venue.symbols.items()} for venue in venues}
    app.add_middleware(FaultMiddleware, board=board, symbols=names)

    @app.exception_handler(WireError)
    async def wire_error(_: Request, error: WireError) -> Response:
        return Response(error.body, status_code=400, media_type=JSON)


def _build_own_routes(recording: Recording, clock: ReplayClock, *, news: bool) -> APIRouter:
    router = APIRouter()

    @router.get("/clock")
    async def tell_clock() -> dict[str, object]:
        return {
            "wall_anchor_s": clock.wall_anchor_s,
            "market_anchor": clock.market_anchor.isoformat(),
            "end": clock.end.isoformat(),
            "speed": clock.speed,
        }

    @router.get("/recording")
    async def tell_recording() -> dict[str, object]:
        return {
            "symbols": list(recording.series),
            "timeframe": recording.timeframe,
            "start": recording.start.isoformat(),
            "end": recording.end.isoformat(),
            "news": news,
        }

    return router


async def _keep_saving(position: Position, clock: ReplayClock) -> None:
    while True:
        position.save(clock.now(), speed=clock.speed)
        await asyncio.sleep(SAVE_INTERVAL_S)
