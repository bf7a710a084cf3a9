"""Which files does the page load? Its scripts and styles, under relative addresses that name their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

import plotly
from fastapi import FastAPI
from fastapi.responses import FileResponse

_FOLDER = Path(__file__).with_name("assets")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# the content is part of the address, so a browser never has to ask again
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


def asset_url(name: str) -> str:
    """Return the address of a file of `ui/assets` or of ``plotly.min.js``, relative to any page.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    """
    return f"assets/{name}?v={_digest(_path(name))}"


def script_tag(name: str) -> str:
    """Return the HTML that loads a script after the page is parsed, in the order of the tags."""
    return f'<script src="{asset_url(name)}" defer></script>'


def serve_assets(app: FastAPI) -> None:
    """Serve every file of `ui/assets` and ``plotly.min.js``, one route a file.

    Gradio serves its own bundle under the same folder, so no route may take the folder whole.
    """
    for name in [*sorted(path.name for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES), "plotly.min.js"]:
        _serve(app, name, _path(name))


def _serve(app: FastAPI, name: str, path: Path) -> None:
    @app.get(f"/assets/{name}", name=f"asset {name}")
    def asset() -> FileResponse:
        return FileResponse(path, media_type=_MEDIA_TYPES[path.suffix], headers=_HEADERS)


def _path(name: str) -> Path:
    if name == "plotly.min.js":
        return Path(plotly.__file__).with_name("package_data") / name
    return _FOLDER / name


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
