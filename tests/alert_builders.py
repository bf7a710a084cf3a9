"""Alert rules and a receiver of webhooks for tests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from candlecast.schemas import Alert
from tests.storage_builders import START


def make_alert(**overrides) -> Alert:
    """Return an armed rule: BTC/USDT above 20,000."""
    values = {
        "id": 1,
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "metric": "price",
        "side": "above",
        "threshold": 20_000.0,
        "hysteresis": 20.0,
        "created_at": START,
        "armed": True,
        "last_value": None,
        "last_fired_at": None,
    }
    return Alert(**(values | overrides))


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it; answers `failing` requests with 500 first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.received: list[dict[str, object]] = []
        self.took_one = threading.Event()
        self.n_asked = 0
        self.failing = 0

    @property
    def address(self) -> str:
        """Return its apprise address, with a token in it."""
        return f"json://user:s3cretpassword@127.0.0.1:{self.server_port}/hook-t0ken"


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.n_asked += 1
        failing = self.server.n_asked <= self.server.failing
        if not failing:
            self.server.received.append(body)
        self.send_response(500 if failing else 200)
        self.end_headers()
        if not failing:
            self.server.took_one.set()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver of webhooks on loopback."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
