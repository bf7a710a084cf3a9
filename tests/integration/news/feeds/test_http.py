import asyncio
import gzip
import logging

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from candlecast.errors import SourceNotConfiguredError, SourceUnavailableError
from candlecast.news.feeds import reach
from candlecast.news.feeds.http import FeedClient, Question
from candlecast.news.feeds.pages import MOST_BYTES
from tests.loopback import free_port, serve_app

SECRET = "s3same-0pen"


def build_outlet():
    app = FastAPI()

    @app.get("/echo")
    async def echo(auth_token=""):
        return Response(f'{{"info": "no such token {auth_token}"}}', status_code=401)

    @app.get("/page")
    async def page():
        return Response(b"<rss>page</rss>")

    @app.get("/named")
    async def named(request: Request):
        return Response(request.headers["host"])

    @app.get("/drip")
    async def drip():
        async def parts():
            while True:
                yield b"x"
                await asyncio.sleep(0.02)

        return StreamingResponse(parts())

    @app.get("/hop/{n}")
    async def hop(n: int):
        return RedirectResponse(f"/hop/{n - 1}" if n > 1 else "/page")

    add_hostile_pages(app)
    return app


def add_hostile_pages(app):
    @app.get("/gzip")
    async def packed():
        return Response(gzip.compress(b"x" * (MOST_BYTES + 1)), headers={"content-encoding": "gzip"})

    @app.get("/nested")
    async def packed_often():
        # 100 MB in a few hundred bytes
        return Response(gzip.compress(gzip.compress(bytes(100_000_000))), headers={"content-encoding": "gzip, gzip"})

    @app.get("/inside")
    async def inside():
        return RedirectResponse("http://localhost:8265/api/jobs/")

    @app.get("/file")
    async def to_a_file():
        return RedirectResponse("file:///etc/passwd")


@pytest.fixture(scope="module")
def outlet():
    with serve_app(build_outlet()) as url:
        yield url


def get(url, *, secret="", whole_s=10.0):
    async def run():
        async with FeedClient("http://127.0.0.1", whole_s=whole_s) as client:
            query = {"auth_token": secret} if secret else {}
            return await client.get(Question("outlet", url, query, secret=secret, key_setting="KEY"))

    return asyncio.run(run())


def test_page_is_followed_over_five_redirects(outlet):
    assert get(f"{outlet}/hop/5") == b"<rss>page</rss>"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/hop/6", "leads on more than 5 times"),
        ("/file", "leads to an address of scheme 'file'"),
        ("/gzip", "answered more than 2 MB"),
        ("/nested", "answered more than 2 MB"),
        ("/inside", r"leads to localhost, which is .*, an address that is not of the open internet"),
        ("/nothing", "answered HTTP 404: Not Found"),
    ],
)
def test_page_that_is_none_is_unavailable(outlet, path, message):
    with pytest.raises(SourceUnavailableError, match=message):
        get(outlet + path)


def test_feed_at_an_address_inside_is_not_even_connected_to(outlet):
    async def run():
        async with FeedClient() as client:
            return await client.get(Question("outlet", f"{outlet}/page"))

    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1, an address that is not of the open internet"):
        asyncio.run(run())


def test_server_is_asked_at_the_address_that_was_looked_at_by_its_own_name(outlet, monkeypatch):
    port = outlet.rsplit(":", 1)[1]

    async def look_up(_loop, host, port, **_):
        assert host == "times.example"
        return [(0, 0, 0, "", ("127.0.0.2", 1)), (0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    monkeypatch.setattr(reach, "is_open", lambda _address: True)

    # the first of its addresses does not answer
    assert get(f"http://times.example:{port}/named") == f"times.example:{port}".encode()


def test_page_that_drips_is_given_up(outlet):
    with pytest.raises(SourceUnavailableError, match=r"took more than 0\.3 s"):
        get(f"{outlet}/drip", whole_s=0.3)


def test_outlet_that_is_not_there_is_unavailable():
    with pytest.raises(SourceUnavailableError, match=r"outlet does not answer \(ConnectError\)"):
        get(f"http://127.0.0.1:{free_port()}/page")


def test_token_is_in_no_message_and_no_log(outlet, caplog):
    # other tests may have made the client silent
    caplog.set_level(logging.DEBUG, logger="httpx2")

    with pytest.raises(SourceNotConfiguredError, match=r"no such token \.\.\.\); check KEY") as raised:
        get(f"{outlet}/echo", secret=SECRET)
    with pytest.raises(SourceUnavailableError) as unanswered:
        get(f"http://127.0.0.1:{free_port()}/echo", secret=SECRET)

    # The server that stands in logs what it was asked for.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert any("HTTP Request: GET" in line for line in logged)
    assert not any(SECRET in line for line in logged)
    assert SECRET not in f"{raised.value!r} {unanswered.value!r}"
    assert SECRET not in repr(Question("outlet", "http://a.example", {"auth_token": SECRET}, secret=SECRET))
