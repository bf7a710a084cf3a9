import pytest
from fastapi import FastAPI

from candlecast.errors import SourceUnavailableError
from candlecast.replay.remote import fetch_clock, fetch_recording
from tests.loopback import free_port, serve_app


def test_fetch_clock_from_nobody_names_the_address_and_the_command():
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(SourceUnavailableError, match=f"replay server at {url} .* start it with `python -m candlecast"):
        fetch_clock(url, timeout_s=1)


def test_fetch_from_another_server_says_so():
    app = FastAPI()
    app.get("/clock")(lambda: {"speed": "fast"})
    app.get("/recording")(lambda: ["what"])

    with serve_app(app) as url:
        with pytest.raises(SourceUnavailableError, match="is no replay server of this version"):
            fetch_clock(url)
        with pytest.raises(SourceUnavailableError, match="is no replay server of this version"):
            fetch_recording(url)
