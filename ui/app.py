"""The web server of the UI: the page, its health and the one script it needs, nothing from elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse

from candlecast.client import AsyncCandlecastClient
from candlecast.settings import Settings
from ui.pages.dashboard import build_dashboard
from ui.plotly_chart import PLOTLY_PATH, plotly_file
from ui.theme import build_theme, page_head, style_sheet

API_TIMEOUT_S = 8.0


def build_app(settings: Settings) -> FastAPI:
    """Return the web app; the API is asked only when a browser loads the page.

    Parameters
    ----------
    settings : Settings
        ``api.url`` is where the page asks, ``market.horizon`` which forecasts it shows.
    """
    key = settings.api.key.get_secret_value()
    # the page asks again by itself, and shows meanwhile what it has
    client = AsyncCandlecastClient(settings.api.url, api_key=key, timeout_s=API_TIMEOUT_S, longest_wait_s=0.0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await client.close()

    app = FastAPI(title="Candlecast UI", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get(PLOTLY_PATH)
    def plotly_script() -> FileResponse:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(plotly_file(), media_type="text/javascript", headers=headers)

    return gr.mount_gradio_app(
        app,
        build_dashboard(client, horizon=settings.market.horizon),
        path="/",
        theme=build_theme(),
        css=style_sheet(),
        head=page_head(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
