"""Which files does the page load? Its scripts and styles, under relative addresses that name their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

SCRIPT, PLOTLY = "candlecast.js", "plotly-finance.min.js"
"""All scripts of every page as one file, and the charts' library: of plotly.js what candles, lines and bars need."""

_HEAD_LENGTH = 400
_FOLDER = Path(__file__).with_name("assets")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# in the order in which they run; look.js stands in the document itself
_CHART_PARTS = ("view", "delta", "times", "look", "fit", "zoom", "live", "readout", "files")
_PARTS = ("clock", "page", "live", "keys", "mount", "header", "panel", *(f"plotly_chart_{one}" for one in _CHART_PARTS))
_SCRIPTS = (*_PARTS, "first")
# the content is part of the address, so a browser never has to ask again
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file as it is sent, plain and packed."""

    plain: bytes
    packed: bytes
    media_type: str


def asset_url(name: str) -> str:
    """Return the address of a file of `ui/assets` or of `SCRIPT`, relative to any page.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    """
    return f"assets/{name}?v={hashlib.sha256(_asset(name).plain).hexdigest()[:16]}"


def asset_text(name: str) -> str:
    """Return the text of a file of `ui/assets`."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def plotly_version() -> str:
    """Return the version that the charts' library names at its head."""
    head = asset_text(PLOTLY)[:_HEAD_LENGTH]
    return head.partition("minified) v")[2].split()[0]


def script_tag(name: str) -> str:
    """Return the HTML that loads a script after the page is parsed, in the order of the tags."""
    return f'<script src="{asset_url(name)}" defer></script>'


def serve_assets(app: FastAPI) -> None:
    """Serve `SCRIPT` and every file of `ui/assets`, one route a file.

    Gradio serves its own bundle under the same folder, so no route may take the folder whole.
    """
    for name in [SCRIPT, *sorted(path.name for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES)]:
        _serve(app, name)


def _serve(app: FastAPI, name: str) -> None:
    @app.get(f"/assets/{name}", name=f"asset {name}")
    async def asset(request: Request) -> Response:
        found = _asset(name)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(found.plain, media_type=found.media_type, headers=_HEADERS)
        return Response(found.packed, media_type=found.media_type, headers={**_HEADERS, "Content-Encoding": "gzip"})


@lru_cache(maxsize=256)
def _asset(name: str) -> _Asset:
    if name == SCRIPT:
        plain = "\n".join(asset_text(f"{part}.js") for part in _SCRIPTS).encode()
    else:
        plain = (_FOLDER / name).read_bytes()
    return _Asset(plain, gzip.compress(plain, 6), _MEDIA_TYPES[Path(name).suffix])
