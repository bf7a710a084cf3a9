"""The web server of the UI: six pages, their health, their files and the relay of live events."""

import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import gradio as gr
from fastapi import FastAPI

from candlecast.settings import Settings
from ui.asset_files import serve_assets
from ui.document import Documents, OwnParts
from ui.exports import export_routes
from ui.first.answer import first_routes
from ui.first.frame import first_frame
from ui.pages import charts, dashboard, models, news, track_record
from ui.pages import settings as settings_page
from ui.relay import relay_routes
from ui.shell import Shell, build_foot, build_shell
from ui.site import PAGES, PageSpec, Site, make_client, make_site
from ui.theme import build_theme, document_head, early_head

_BUILDERS: Mapping[str, Callable[[Site, Shell], None]] = MappingProxyType(
    {
        "dashboard": dashboard.build,
        "charts": charts.build,
        "news": news.build,
        "track_record": track_record.build,
        "models": models.build,
        "settings": settings_page.build,
    }
)


def build_app(settings: Settings) -> FastAPI:
    """Return the web app; the API is asked only when a browser loads a page.

    Parameters
    ----------
    settings : Settings
        ``api.url`` is where pages ask, ``market.horizon`` which forecasts they show, ``ui`` all else.
    """
    site, listener = make_site(settings), make_client(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await site.close()
        await listener.close()

    app = FastAPI(title="Candlecast UI", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    serve_assets(app)
    app.include_router(relay_routes(site, listener))
    app.include_router(export_routes(site))
    app.include_router(first_routes(site))
    parts = {f"/{spec.path}": _own_parts(spec) for spec in PAGES}
    app.add_middleware(Documents, parts=parts, prefix=settings.ui.root_path)
    with warnings.catch_warnings():
        # said of every app of several pages, whether it asks for rendering on the server or not
        warnings.filterwarnings("ignore", message="SSR mode is not supported", category=UserWarning)
        mounted: FastAPI = gr.mount_gradio_app(
            app,
            build_pages(site),
            path="/",
            root_path=settings.ui.root_path or None,
            theme=build_theme(),
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
        )
    return mounted


def build_pages(site: Site) -> gr.Blocks:
    """Return the Gradio app of all pages; the first one is at the root."""
    first, *others = PAGES
    blocks: gr.Blocks = gr.Blocks(title="Candlecast", fill_width=True, analytics_enabled=False)
    with blocks:
        _build_page(site, first, blocks)
    for spec in others:
        with blocks.route(spec.title, spec.path):
            _build_page(site, spec, blocks)
    limit = site.ui.events_at_once
    blocks.queue(max_size=site.ui.events_waiting, default_concurrency_limit=limit)
    return blocks


def _build_page(site: Site, spec: PageSpec, blocks: gr.Blocks) -> None:
    shell = build_shell(site, spec, blocks)
    with gr.Column(elem_id="cc-page", elem_classes=[f"cc-page-{spec.name.replace('_', '-')}"]):
        _BUILDERS[spec.name](site, shell)
    build_foot()


def _own_parts(spec: PageSpec) -> OwnParts:
    return OwnParts(early_head(spec), document_head(), first_frame(spec) if spec.first else "")
