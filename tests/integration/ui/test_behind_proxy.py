"""The site under a path prefix, behind a proxy that takes the prefix off."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, StreamingResponse
from playwright.sync_api import expect

from tests.browser import Tab, run_page
from tests.loopback import free_port, serve_app

PREFIX = "/lab/candlecast"
_HOP = {"host", "connection", "transfer-encoding", "content-length"}


def proxy_app(target: str) -> FastAPI:
    """Return a proxy that publishes `target` under `PREFIX` and answers nothing else."""
    client = httpx2.AsyncClient(base_url=target, trust_env=False, timeout=60)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await client.aclose()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get(PREFIX)
    def root() -> RedirectResponse:
        return RedirectResponse(f"{PREFIX}/")

    @app.api_route(PREFIX + "/{path:path}", methods=["GET", "POST", "HEAD"])
    async def pass_on(path: str, request: Request) -> StreamingResponse:
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        headers |= {"x-forwarded-host": request.headers["host"], "x-forwarded-proto": "http"}
        asked = client.build_request(
            request.method, f"/{path}?{request.url.query}", headers=headers, content=await request.body()
        )
        answer = await client.send(asked, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP}

        async def body():
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()

        return StreamingResponse(body(), status_code=answer.status_code, headers=kept)

    return app


@pytest.fixture(scope="module")
def proxied(api_server) -> Iterator[str]:
    with (
        run_page(f"http://127.0.0.1:{api_server.port}", UI__ROOT_PATH=PREFIX) as url,
        serve_app(proxy_app(url), port=free_port()) as address,
    ):
        yield f"{address.rstrip('/')}{PREFIX}/"


@pytest.fixture
def tab(context, proxied, fake) -> Iterator[Tab]:
    found = Tab(context.new_page(), proxied)
    yield found
    found.page.close()


def test_site_works_under_a_prefix(tab, proxied):
    outside = []
    tab.page.on("request", lambda asked: outside.append(asked.url) if not asked.url.startswith(proxied) else None)

    page = tab.open("charts")

    expect(page.locator("#cc-source")).to_contain_text("Recorded", timeout=60_000)
    expect(page.locator("html")).to_have_attribute("data-link", "up", timeout=60_000)
    page.locator(".cc-menu a", has_text="News").click()
    expect(page.locator(".cc-menu a[aria-current='page']")).to_have_text("News", timeout=60_000)
    expect(page.locator("#cc-source")).to_contain_text("Recorded", timeout=60_000)
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []
    assert tab.errors == []
