"""The replay's Binance WebSocket: kline streams, subscribed to by message or by address."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.line import FaultyLine, StreamMessage
from candlecast.replay.tape import Tape, decimal_text
from candlecast.replay.wire.events import NEVER_US, CandleEvent, events_between, next_event_us
from candlecast.replay.wire.played import PlayedVenue

# How often a stream looks whether it should do something else than wait.
POLL_S = 0.1
INVALID_REQUEST = 2
SERVICE_RESTART = 1012


class Subscriptions:
    """The kline streams of one connection, such as ``btcusdt@kline_1h``."""

    def __init__(self, venue: PlayedVenue) -> None:
        self._venue = venue
        self.wire_names: set[str] = set()

    def add(self, streams: Iterable[str]) -> None:
        """Subscribe to `streams`.

        Raises
        ------
        ValueError
            When one of them is not played; then none is added.
        """
        self.wire_names |= {self._wire_name(stream) for stream in streams}

    def remove(self, streams: Iterable[str]) -> None:
        """Unsubscribe from `streams`, whether subscribed or not.

        Raises
        ------
        ValueError
            When one of them is not played.
        """
        self.wire_names -= {self._wire_name(stream) for stream in streams}

    def names(self) -> list[str]:
        """Return the streams that are subscribed to."""
        return [f"{wire_name.lower()}@kline_{self._venue.timeframe}" for wire_name in sorted(self.wire_names)]

    def symbols(self) -> list[str]:
        """Return the recorded symbols of the streams."""
        return [self._venue.symbols[wire_name].name for wire_name in self.wire_names]

    def _wire_name(self, stream: str) -> str:
        name, _, kind = stream.partition("@")
        if kind != f"kline_{self._venue.timeframe}" or name.upper() not in self._venue.symbols:
            raise ValueError(f"unknown stream {stream[:60]}; streams are SYMBOL@kline_{self._venue.timeframe}")
        return name.upper()


class StreamPlayer:
    """Sends to one connection what happens to the candles that it subscribed to.

    Parameters
    ----------
    venue : PlayedVenue
        What is played.
    socket : WebSocket
        An accepted connection.
    line : FaultyLine
        What becomes of the messages on their way.
    n_updates : int
        Updates a candle before its closing message.
    """

    def __init__(self, venue: PlayedVenue, socket: WebSocket, line: FaultyLine, *, n_updates: int) -> None:
        self.subscriptions = Subscriptions(venue)
        self._venue, self._socket, self._n_updates = venue, socket, n_updates
        self._line = line

    async def play(self) -> None:
        """Send events as they become due, until the line is cut."""
        sent_us = self._venue.now_us()
        while not self._line.is_cut(self.subscriptions.symbols()):
            now_us, due_us = self._venue.now_us(), self._next_due_us(sent_us)
            if due_us > now_us:
                sent_us = max(sent_us, now_us)
                await asyncio.sleep(min(self._venue.wall_s_until(due_us), POLL_S))
                continue
            for message in self._line.carry(self._messages(sent_us, now_us)):
                await self._socket.send_text(message)
            sent_us = now_us
        await self._socket.close(SERVICE_RESTART)

    async def listen(self) -> None:
        """Do what the client's messages ask for, and say so, until it leaves."""
        while True:
            message = await self._received()
            await asyncio.sleep(self._line.frozen_s())
            await self._socket.send_text(self._answer(message))

    async def _received(self) -> str | bytes:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        found: str | bytes = event.get("text") or event.get("bytes") or ""
        return found

    def _answer(self, message: str | bytes) -> str:
        try:
            request = orjson.loads(message)
            result = self._obey(request["method"], request.get("params", []))
            reply: dict[str, Any] = {"result": result, "id": request.get("id")}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reply = {"error": {"code": INVALID_REQUEST, "msg": f"Invalid request: {error}"}, "id": None}
        return orjson.dumps(reply).decode()

    def _obey(self, method: str, streams: list[str]) -> list[str] | None:
        if method == "SUBSCRIBE":
            self.subscriptions.add(streams)
        elif method == "UNSUBSCRIBE":
            self.subscriptions.remove(streams)
        elif method == "LIST_SUBSCRIPTIONS":
            return self.subscriptions.names()
        else:
            raise ValueError(f"unknown method {method!r:.60}; known are SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS")
        return None

    def _next_due_us(self, sent_us: int) -> int:
        due = (next_event_us(tape, sent_us, n_updates=self._n_updates) for _, tape in self._tapes())
        return min(due, default=NEVER_US)

    def _messages(self, sent_us: int, now_us: int) -> list[StreamMessage]:
        events = [
            (event, wire_name, tape)
            for wire_name, tape in self._tapes()
            for event in events_between(tape, sent_us, now_us, n_updates=self._n_updates)
        ]
        events.sort(key=lambda found: found[0].due_us)
        return [
            StreamMessage(tape.symbol.name, self._encode(event, wire_name, tape)) for event, wire_name, tape in events
        ]

    def _encode(self, event: CandleEvent, wire_name: str, tape: Tape) -> str:
        opened, high, low, close, volume = (decimal_text(value) for value in np.nan_to_num(event.values))
        open_ms, close_ms = tape.opens_us[event.place] // 1_000, tape.closes_us[event.place] // 1_000 - 1
        # Trades, quote volume and taker volumes are not recorded.
        return (
            f'{{"e":"kline","E":{event.due_us // 1_000},"s":"{wire_name}","k":{{"t":{open_ms},"T":{close_ms},'
            f'"s":"{wire_name}","i":"{self._venue.timeframe}","f":-1,"L":-1,"o":"{opened}","c":"{close}",'
            f'"h":"{high}","l":"{low}","v":"{volume}","n":0,"x":{"true" if event.closed else "false"},'
            '"q":"0","V":"0","Q":"0","B":"0"}}'
        )

    def _tapes(self) -> list[tuple[str, Tape]]:
        found = ((name, self._venue.encoded(name)) for name in sorted(self.subscriptions.wire_names))
        return [(name, encoded.tape) for name, encoded in found if encoded is not None]


def build_binance_stream(venue: PlayedVenue, board: FaultBoard, *, n_updates: int) -> APIRouter:
    """Return the WebSocket routes that speak for `venue` as Binance does.

    Parameters
    ----------
    venue : PlayedVenue
        What is played.
    board : FaultBoard
        What goes wrong there.
    n_updates : int
        Updates a candle before its closing message.
    """
    router = APIRouter()

    @router.websocket("/stream")
    @router.websocket("/stream/{rest:path}")
    @router.websocket("/ws")
    @router.websocket("/ws/{rest:path}")
    async def stream(socket: WebSocket, rest: str = "") -> None:
        await socket.accept()
        player = StreamPlayer(venue, socket, FaultyLine(board, venue.name), n_updates=n_updates)
        named = f"{rest}/{socket.query_params.get('streams', '')}".split("/")
        with contextlib.suppress(ValueError):
            player.subscriptions.add(name for name in named if "@" in name)
        await _serve(player)

    return router


async def _serve(player: StreamPlayer) -> None:
    tasks = [asyncio.create_task(player.play()), asyncio.create_task(player.listen())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # a server that ends cancels this alone
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect):
            raise end
