"""Requests at even intervals, whatever comes back: load that does not slow down because the server does."""

import asyncio
import json
import multiprocessing
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Answered:
    """What came back: status, milliseconds from when it was due, whether it says when to come back.

    `cpu_s` is what asking took of a processor that it shares with what answers.
    """

    answers: list[tuple[int, float, bool]] = field(default_factory=list)
    n_broken: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0


def ask_evenly(
    port: int, path: str, body: dict[str, Any], *, rate: float, seconds: float, connections: int
) -> Answered:
    """POST `body` at `rate` a second from a process of its own, each request on a connection that is free.

    A request that finds none free waits, and its waiting counts.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found: Answered = pool.apply(_run, (port, path, body, rate, seconds, connections))
    return found


async def exchange(line: Line, request: bytes) -> tuple[int, str, bytes]:
    """Return status, head in lower case and body of the answer to `request`.

    Raises
    ------
    asyncio.IncompleteReadError, ConnectionError
        When the connection is cut.
    """
    reader, writer = line
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    return int(head.split()[1]), head, await _body(reader, head)


def _run(port: int, path: str, body: dict[str, Any], rate: float, seconds: float, connections: int) -> Answered:
    # the load shall cost little: it shares the cores with what it loads
    return uvloop.run(_ask(port, _request(path, body), rate, seconds, connections))


async def _ask(port: int, request: bytes, rate: float, seconds: float, connections: int) -> Answered:
    found, free = Answered(), asyncio.Queue[Line]()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port, limit=2**22))
    started_s, began_cpu_s = time.perf_counter(), time.process_time()

    async def one(due_s: float) -> None:
        reader, writer = await free.get()
        try:
            status, head, _ = await exchange((reader, writer), request)
            free.put_nowait((reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            found.n_broken += 1
            free.put_nowait(await asyncio.open_connection("127.0.0.1", port, limit=2**22))
            return
        found.answers.append((status, 1_000 * (time.perf_counter() - due_s), "\r\nretry-after:" in head))

    async with asyncio.TaskGroup() as group:
        for place in range(round(rate * seconds)):
            due_s = started_s + place / rate
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            group.create_task(one(due_s))
    found.elapsed_s, found.cpu_s = time.perf_counter() - started_s, time.process_time() - began_cpu_s
    return found


async def _body(reader: asyncio.StreamReader, head: str) -> bytes:
    if length := head.partition("\r\ncontent-length:")[2].partition("\r\n")[0]:
        return await reader.readexactly(int(length))
    if "\r\ntransfer-encoding: chunked" not in head:
        return await reader.read()
    parts = []
    while n_bytes := int(await reader.readuntil(b"\r\n"), 16):
        parts.append((await reader.readexactly(n_bytes + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(parts)


def _request(path: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    return head.encode() + b"\r\n\r\n" + content
