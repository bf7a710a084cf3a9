import asyncio

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from ui.document import Documents, OwnParts

PAGE = "<html><head><title>x</title></head><body></head></body></html>"
GRADIO = '<script type="module" crossorigin src="./assets/index-1.js"></script>'
MANIFEST = '<link rel="manifest" href="/manifest.json" />'


def make_app(prefix=""):
    app = FastAPI()

    @app.get("/")
    @app.get("/charts")
    def page() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/manifest")
    def installable() -> HTMLResponse:
        return HTMLResponse(PAGE.replace("</title>", f"</title>{MANIFEST}", 1))

    @app.get("/broken")
    def broken() -> HTMLResponse:
        return HTMLResponse(PAGE, status_code=500)

    @app.get("/other")
    def other() -> PlainTextResponse:
        return PlainTextResponse(PAGE)

    @app.get("/parts")
    def parts() -> StreamingResponse:
        return StreamingResponse(iter([PAGE[:20], PAGE[20:]]), media_type="text/html")

    @app.get("/starts")
    def starts() -> HTMLResponse:
        return HTMLResponse(PAGE.replace("</title>", f"</title>{GRADIO}", 1))

    plain, full = OwnParts("<script></script>", "<link>"), OwnParts("<script></script>", "<link>", "<div></div>")
    own = {path: plain for path in ("/", "/charts", "/broken", "/parts", "/manifest")} | {"/starts": full}
    app.add_middleware(Documents, parts=own, prefix=prefix)
    return app


def get(path, prefix=""):
    return asyncio.run(ask(path, prefix))


async def ask(path, prefix):
    transport = httpx2.ASGITransport(make_app(prefix))
    async with httpx2.AsyncClient(transport=transport, base_url="http://page") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/", "/charts", "/parts", "/manifest"])
def test_head_of_a_page_begins_and_ends_with_ours(path):
    answer = get(path)

    ours = PAGE.replace("<head>", "<head><script></script>", 1).replace("</head>", "<link></head>", 1)
    assert answer.text == ours
    assert int(answer.headers.get("content-length", len(answer.content))) == len(answer.content)


def test_page_with_a_first_view_shows_it_and_leaves_the_start_of_gradio_to_its_script():
    text = get("/starts").text

    assert "<body><div></div>" in text
    assert '<link rel="modulepreload" crossorigin href="./assets/index-1.js" data-gradio>' in text
    assert 'type="module"' not in text


@pytest.mark.parametrize("path", ["/", "/charts", "/parts", "/broken"])
def test_page_is_framed_by_no_other_origin_and_tells_none_its_address(path):
    headers = get(path).headers

    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize("path", ["/broken", "/other"])
def test_other_answers_stay_as_they_are(path):
    assert (get(path)).text == PAGE


@pytest.mark.parametrize("path", ["/site/charts", "/charts", "/site", "/site/"])
def test_prefix_that_a_proxy_left_on_is_taken_off(path):
    assert "<link>" in (get(path, prefix="/site")).text


def test_path_that_only_begins_like_the_prefix_is_not_found():
    assert (get("/sitemap", prefix="/site")).status_code == 404
