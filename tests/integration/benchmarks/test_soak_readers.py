import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from benchmarks.soak.questions import MIX, N_CANDLES, PROBES
from benchmarks.soak.seen import add_up, read_notes

ROOT = Path(__file__).parents[3]
NAMES = ["S00/USDT", "S01/USDT"]
CANDLE_S, SPEED, RATE, SECONDS = 60, 60.0, 20.0, 4
BEGIN = datetime(2021, 1, 4, tzinfo=UTC)


class Server(ThreadingHTTPServer):
    """All connections of a reader are opened at once."""

    request_queue_size = 128
    daemon_threads = True


class FakeStack:
    """An API and a page on one port, that answer as the product does, or 503 on the routes in `broken`."""

    def __init__(self):
        self.broken = set()
        self.wall_anchor_s = time.time()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def start(self):
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def _handler(self):
        stack = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = stack._answer(self.path, body)
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET

            def log_message(self, *_arguments):
                pass

        return Handler

    def _answer(self, target, body):
        url, now = urlsplit(target), BEGIN + timedelta(seconds=(time.time() - self.wall_anchor_s) * SPEED)
        symbol = parse_qs(url.query).get("symbol", [""])[0]
        if url.path in self.broken:
            return 503, {"title": "broken"}
        close = datetime.fromtimestamp(now.timestamp() // CANDLE_S * CANDLE_S, UTC)

        def forecast(name):
            bands = [{"level": 0.8, "low": 98, "high": 102}]
            return {"symbol": name, "as_of": close.isoformat(), "p_up": 0.5, "intervals": bands}

        if body:
            return 200, {"items": [{"forecast": forecast(one["symbol"])} for one in json.loads(body)["items"]]}
        opens = [(close + place * timedelta(seconds=CANDLE_S)).isoformat() for place in range(N_CANDLES)]
        prices = [{"price": {"symbol": name}} for name in parse_qs(url.query).get("symbols", [])]
        return 200, {
            "/": b"<html>",
            "/healthz": {"status": "ok"},
            "/v1/forecasts/latest": forecast(symbol),
            "/v1/forecasts": {"items": [{"forecast": forecast(symbol), "row_hash": "0" * 64}]},
            "/v1/candles": {"symbol": symbol, "candles": [{"open_time": one} for one in opens]},
            "/v1/symbols": [{"symbol": name} for name in NAMES],
            "/v1/prices": {"items": prices},
            "/v1/news": {"items": []},
            "/v1/track-record": {"items": []},
        }[url.path]


@pytest.fixture
def stack():
    made = FakeStack()
    made.start()
    yield made
    made.stop()


def read(stack, folder):
    clock = {"wall_anchor_s": stack.wall_anchor_s, "market_anchor": BEGIN.isoformat(), "speed": SPEED}
    one = {
        "names": NAMES,
        "timeframe": "1m",
        "candle_s": CANDLE_S,
        "api_port": stack.port,
        "page_port": stack.port,
        "rate": RATE,
        "clock": {**clock, "end": (BEGIN + timedelta(days=9)).isoformat()},
    }
    order, notes = folder / "order.json", folder / "notes.jsonl"
    order.write_text(json.dumps({"seconds": SECONDS, "seed": 1, "stacks": [one]}))
    command = [sys.executable, "-m", "benchmarks.soak.readers", str(order), str(notes)]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert asked.returncode == 0, asked.stderr
    [seen] = add_up(read_notes(notes), n_stacks=1)
    return seen


def test_readers_of_a_stack_that_answers_find_nothing_wrong(stack, tmp_path):
    seen = read(stack, tmp_path)

    assert seen.asked == dict.fromkeys(PROBES, SECONDS)
    assert seen.wrong == {}
    assert seen.n_requests == RATE * SECONDS
    assert (seen.n_failed, seen.failures) == (0, [])
    assert set(seen.latencies_ms) <= set(MIX)
    # each close, a second apart, but for the last, which the course does not see whole
    assert len(seen.delays_s) >= len(NAMES) * (SECONDS - 3)
    assert seen.n_unseen == 0


def test_readers_of_a_broken_route_note_its_seconds_and_why(stack, tmp_path):
    stack.broken.add("/v1/news")

    seen = read(stack, tmp_path)

    assert set(seen.wrong) == {"news"}
    assert set(seen.wrong["news"]) == set(range(SECONDS))
    assert seen.availability()["news"] == 0
    assert all("503" in reason for reason in seen.wrong["news"].values())
    assert seen.n_failed == len(seen.latencies_ms.get("news", ()))


def test_readers_of_nobody_note_that_there_was_no_answer(tmp_path):
    nobody = FakeStack()
    nobody.start()
    nobody.stop()

    seen = read(nobody, tmp_path)

    assert seen.availability() == dict.fromkeys(sorted(PROBES), 0.0)
    assert seen.n_unseen > 0
