import sys
from pathlib import Path

import pytest

from candlecast.errors import StackError
from candlecast.storage.process import spawn
from cluster.page_server import await_page
from tests.loopback import free_port

_LATE_SERVER = """
import http.server, sys, time
time.sleep(0.1)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def _child(folder: Path, *command: str):
    return spawn([sys.executable, "-c", *command], env={}, log_file=folder / "ui.log", cwd=folder)


def test_await_page_of_a_late_server_returns_once_it_answers(tmp_path: Path):
    port = free_port()
    child = _child(tmp_path, _LATE_SERVER, str(port))
    try:
        await_page(f"http://127.0.0.1:{port}", child)
        assert child.alive()
    finally:
        child.stop()


def test_await_page_of_a_server_that_ends_says_its_last_line(tmp_path: Path):
    child = _child(tmp_path, "raise SystemExit('no room for the page')")

    with pytest.raises(StackError, match="no room for the page"):
        await_page(f"http://127.0.0.1:{free_port()}", child)
