"""Callers of the HTTP API in a process of their own: each keeps one connection and asks one thing after another."""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence
from typing import Any


def ask(port: int, path: str, bodies: Sequence[dict[str, Any]], *, connections: int) -> tuple[float, list[Any]]:
    """Return the wall seconds that all POSTs took together, and their answers in order.

    Raises
    ------
    SystemExit
        When an answer is not 200.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        elapsed_s, answers = pool.apply(_ask, (port, path, list(bodies), connections))
    return elapsed_s, _read_all(answers)


def get_all(port: int, paths: Sequence[str], *, connections: int) -> tuple[float, list[Any]]:
    """Return the wall seconds that all GETs took together, and their answers in order.

    Raises
    ------
    SystemExit
        When an answer is not 200.
    """
    requests = [f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for path in paths]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        elapsed_s, answers = pool.apply(_send, (port, requests, connections))
    return elapsed_s, _read_all(answers)


def _read_all(answers: Sequence[tuple[int, bytes]]) -> list[Any]:
    wrong = [answer for status, answer in answers if status != 200]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(answers)} requests failed, the first with {wrong[0][:300]!r}")
    return [json.loads(answer) for _, answer in answers]


def _send(port: int, requests: list[bytes], connections: int) -> tuple[float, list[tuple[int, bytes]]]:
    return asyncio.run(_ask_all(port, requests, connections))


def _ask(port: int, path: str, bodies: list[dict[str, Any]], connections: int) -> tuple[float, list[tuple[int, bytes]]]:
    return asyncio.run(_ask_all(port, [_request(path, body) for body in bodies], connections))


async def _ask_all(port: int, requests: list[bytes], connections: int) -> tuple[float, list[tuple[int, bytes]]]:
    answers: dict[int, tuple[int, bytes]] = {}
    waiting = iter(enumerate(requests))

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for place, request in waiting:
            writer.write(request)
            answers[place] = await _read(reader)
        writer.close()

    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    started_s = time.perf_counter()
    await asyncio.gather(*(call(*line) for line in lines))
    return time.perf_counter() - started_s, [answers[place] for place in range(len(requests))]


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


def _request(path: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    )
    return head.encode() + b"\r\n" + content
