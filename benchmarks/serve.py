"""What does the serving stack cost or save against a bare FastAPI application with the same model?

``python benchmarks/serve.py [--quick] [--symbols 60] [--json]``

Ours: the API deployed as the product deploys it (HAProxy and throughput mode on, one ingress replica,
one forecaster), over generated 1h candles. Peer: `bare_api.py`, FastAPI under uvicorn, which predicts
from the row in its memory each time. wrk loads both in turn, at 16 and 64 connections. The batch route
is asked for 500 items that are known, the peer predicts its 500 in one block. The cold path is a GET
of a forecast that nobody asked for before: ours reads, builds, predicts, chains and records it, the
peer reads, builds and predicts. Last, the same with Serve's default proxy. First of all both sides must
say the same: P(up), intervals and volatility of every symbol.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import httpx2
import numpy as np
import stand
import wrk
from http_load import get_all
from pairs import make_row, show
from report import Bar, finish
from serving_stand import DEFAULT_PROXY, World, deployed, world

from candlecast.bootstrap import open_database
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.models import ModelStore
from cluster.environment import settings_environment

CONNECTIONS = (16, 64)
ITEMS = 500
PEER = "bare FastAPI + uvicorn"
BARS = (
    Bar("latest_rps", "ratio", least=1.1),
    Bar("latest_p99_ms", "ratio", least=0.85),
    Bar("batch_forecasts_per_s", "ours", least=10_000),
    Bar("cold_rps", "ratio", least=0.4),
)
Sides = tuple[str, str]


def main() -> None:
    options = _options()
    horizons = (1, 2) if options.quick else (1, 2, 3, 4, 5, 6)
    with world(n_symbols=30 if options.quick else options.symbols, horizons=horizons) as prepared:
        rows = _measure(prepared, horizons, quick=options.quick)
    show([] if options.json else rows)
    finish("serve", rows, as_json=options.json, bars=BARS)


def _measure(prepared: World, horizons: Sequence[int], *, quick: bool) -> list[dict[str, Any]]:
    seconds, rounds = (2, 2) if quick else (6, 5)
    with _peers(prepared, horizons) as ports, deployed(prepared) as ours:
        api, bare = f"http://127.0.0.1:{ours.port}", f"http://127.0.0.1:{ports[0]}"
        _check_equal(api, bare, prepared.names)
        rows = _latest((api, bare), prepared, seconds=seconds, rounds=rounds)
        rows.append(_batch((api, bare), prepared, seconds=seconds, rounds=rounds))
        rows.append(_cold(prepared, ours.port, dict(zip(horizons[1:], ports[1:], strict=True))))
        if quick:
            return rows
        usual = rows[0]["ours"]
    with deployed(prepared, proxy=DEFAULT_PROXY) as ours:
        found = wrk.get(_latest_url(f"http://127.0.0.1:{ours.port}", prepared), connections=16, seconds=seconds)
    peer_is = "ours with HAProxy and throughput mode"
    return [*rows, make_row("default_proxy_rps", [(found.rps, usual)], unit="req/s", n=1, peer_is=peer_is)]


def _latest(sides: Sides, prepared: World, *, seconds: int, rounds: int) -> list[dict[str, Any]]:
    ours, peer = _latest_url(sides[0], prepared), f"{sides[1]}/latest?symbol={prepared.names[1]}&timeframe=1h&horizon=1"
    rows = []
    for connections in CONNECTIONS:
        load = {"connections": connections, "seconds": seconds}
        wrk.get(ours, connections=connections, seconds=1)
        wrk.get(peer, connections=connections, seconds=1)
        pairs = [(wrk.get(ours, **load), wrk.get(peer, **load)) for _ in range(rounds)]
        facts = {"n": rounds, "peer_is": PEER, "connections": connections}
        rows.append(make_row("latest_rps", [(a.rps, b.rps) for a, b in pairs], unit="req/s", **facts))
        rows.append(_lower_is_better("latest_p99_ms", [(a.p99_ms, b.p99_ms) for a, b in pairs], unit="ms", **facts))
    return rows


def _batch(sides: Sides, prepared: World, *, seconds: int, rounds: int) -> dict[str, Any]:
    names = [prepared.names[place % len(prepared.names)] for place in range(ITEMS)]
    body = {"items": [{"symbol": name, "timeframe": "1h", "horizon": 1} for name in names]}
    load = {"connections": 2, "seconds": seconds}
    pairs = [
        tuple(
            ITEMS * wrk.post(url, body, prepared.root, **load).rps
            for url in (f"{sides[0]}/v1/forecasts", f"{sides[1]}/many")
        )
        for _ in range(rounds)
    ]
    return make_row("batch_forecasts_per_s", pairs, unit="1/s", n=rounds, peer_is=PEER)


def _cold(prepared: World, port: int, peers: dict[int, int]) -> dict[str, Any]:
    pairs = []
    first, *others = prepared.names
    for horizon, peer in peers.items():
        ours = [f"/v1/forecasts/latest?symbol={name}&timeframe=1h&horizon={horizon}" for name in others]
        with _forecasts_are_made_when_asked_for(prepared):
            prepared.promote(prepared.models[horizon][0])
            asked = {"symbol": first, "timeframe": "1h", "horizon": horizon}
            url = f"http://127.0.0.1:{port}/v1/forecasts/latest"
            _until(lambda url=url, asked=asked: httpx2.get(url, params=asked).is_success)
            rate = _rate(port, ours)
        pairs.append((rate, _rate(peer, [f"/cold?symbol={name}" for name in others])))
    return make_row("cold_rps", pairs, unit="1/s", n=len(others), peer_is="the same without a ledger")


@contextmanager
def _forecasts_are_made_when_asked_for(prepared: World) -> Iterator[None]:
    """Hold the lock of those who make forecasts ahead: each one that is asked for is new."""
    with asyncio.Runner() as runner:
        cache = Cache(prepared.settings.redis.url.get_secret_value())
        held = AsyncExitStack()
        while not runner.run(held.enter_async_context(cache.lock("forecasts:1h", ttl_s=60))):
            time.sleep(0.05)
        try:
            yield
        finally:
            runner.run(held.aclose())
            runner.run(cache.close())


def _rate(port: int, paths: Sequence[str]) -> float:
    elapsed_s, _ = get_all(port, paths, connections=8)
    return len(paths) / elapsed_s


def _lower_is_better(metric: str, pairs: Sequence[tuple[float, float]], **facts: Any) -> dict[str, Any]:
    turned = make_row(metric, [(peer, ours) for ours, peer in pairs], **facts)
    return turned | {"ours": turned["peer"], "peer": turned["ours"], "higher_is_better": False}


def _check_equal(api: str, bare: str, names: Sequence[str]) -> None:
    for name in names:
        asked = {"symbol": name, "timeframe": "1h", "horizon": 1}
        mine = httpx2.get(f"{api}/v1/forecasts/latest", params=asked, timeout=30).json()
        theirs = httpx2.get(f"{bare}/latest", params=asked, timeout=30).json()
        for field in ("p_up", "expected_volatility", "expected_log_return", "last_close"):
            if not np.isclose(mine[field], theirs[field], rtol=1e-6, atol=1e-9):
                raise SystemExit(f"serve: {field} of {name} is {mine[field]} of ours and {theirs[field]} of the peer")
        if set(mine) != set(theirs):
            raise SystemExit(f"serve: the answers hold different fields: {sorted(set(mine) ^ set(theirs))}")


def _latest_url(api: str, prepared: World) -> str:
    return f"{api}/v1/forecasts/latest?symbol={prepared.names[1]}&timeframe=1h&horizon=1"


@contextmanager
def _peers(prepared: World, horizons: Sequence[int]) -> Iterator[list[int]]:
    """Yield the ports of one bare application for each horizon: a program of few lines has one model."""
    store = ModelStore(open_database(prepared.settings))
    children, ports = [], []
    environment = {**os.environ, **settings_environment(prepared.settings), "OMP_NUM_THREADS": "1"}
    try:
        for horizon in horizons:
            record = store.get(prepared.models[horizon][0])
            assert record is not None
            ports.append(stand.free_port())
            command = [sys.executable, "benchmarks/bare_api.py", "--port", str(ports[-1]), "--sha256", record.sha256]
            command += ["--model", str(prepared.settings.models.folder / record.artefact_path)]
            children.append(subprocess.Popen(command, env=environment))
        for port in ports:
            _until(lambda port=port: httpx2.get(f"http://127.0.0.1:{port}/openapi.json", timeout=5).is_success)
        yield ports
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        try:
            if holds():
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise SystemExit("serve: the peer did not start within 60 s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="30 symbols, two short rounds, without the default proxy")
    parser.add_argument("--symbols", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
