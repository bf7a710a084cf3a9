"""Does HAProxy, as it is started, keep to loopback and answer refusals in the API's form? A config as Ray writes it."""

import subprocess
import time

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse

from cluster.ray_head import write_haproxy_wrapper
from tests.loopback import free_port, serve_app

LIMIT_S = 20
CONFIG = """global
    maxconn 100
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend prometheus
    bind :{statistics}
    http-request use-service prometheus-exporter
frontend http_frontend
    bind 127.0.0.1:{port}
    default_backend api
backend api
    # Enable HTTP connection reuse for better performance
    http-reuse always
    # Set backend-specific timeouts, overriding defaults if specified
    server one {server} check
"""


def build_api() -> FastAPI:
    app = FastAPI()

    @app.get("/refused-by-serve")
    async def refused_by_serve():
        return PlainTextResponse("Request dropped due to backpressure", status_code=429)

    @app.get("/refused-by-us")
    async def refused_by_us():
        return JSONResponse({"title": "ours"}, status_code=429, media_type="application/problem+json")

    @app.get("/answered")
    async def answered():
        return PlainTextResponse("as it is")

    return app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    with pytest.MonkeyPatch.context() as patch:
        # a Ray head of other tests names its own
        patch.delenv("RAY_SERVE_HAPROXY_BINARY_PATH", raising=False)
        write_haproxy_wrapper(folder)
    return folder


@pytest.fixture(scope="module")
def url(folder):
    port = free_port()
    with serve_app(build_api()) as api:
        config = folder / "haproxy.cfg"
        config.write_text(CONFIG.format(statistics=free_port(), port=port, server=api.removeprefix("http://")))
        # Ray has a config looked at before it is used: the second look must change nothing
        subprocess.run([folder / "h" / "haproxy", "-c", "-f", config], check=True, capture_output=True, timeout=LIMIT_S)
        running = subprocess.Popen([folder / "h" / "haproxy", "-db", "-f", config], stderr=subprocess.DEVNULL)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(LIMIT_S)


def ask(url: str, path: str) -> httpx2.Response:
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        try:
            return httpx2.get(f"{url}/{path}", trust_env=False)
        except httpx2.TransportError:
            assert time.monotonic() < deadline_s
            time.sleep(0.05)


def test_refusal_in_plain_text_gets_the_form_of_the_api(url):
    answer = ask(url, "refused-by-serve")

    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert (answer.json()["title"], answer.json()["status"]) == ("Too many requests", 429)


def test_own_refusals_and_answers_pass_as_they_are(url):
    assert ask(url, "refused-by-us").json() == {"title": "ours"}
    assert ask(url, "answered").text == "as it is"


def test_statistics_are_bound_to_loopback_and_the_config_is_changed_once(url, folder):
    text = (folder / "haproxy.cfg").read_text()

    assert "bind :" not in text
    assert text.count("bind 127.0.0.1:") == 2
    assert text.count("problem+json") == 1
