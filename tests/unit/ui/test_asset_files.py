import asyncio

import httpx2
import pytest
from fastapi import FastAPI

from ui.asset_files import asset_url, serve_assets
from ui.theme import document_head


def test_address_of_an_asset_is_relative_and_names_its_content():
    name, _, digest = asset_url("style.css").partition("?v=")

    assert name == "assets/style.css"
    assert len(digest) == 16


def test_missing_asset_is_loud():
    with pytest.raises(FileNotFoundError):
        asset_url("none.js")


def test_head_of_the_document_loads_only_relative_addresses():
    head = document_head(draws=True)

    assert 'href="assets/style.css?v=' in head
    assert "plotly.min.js" in head
    assert "http" not in head.replace("http://www.w3.org/2000/svg", "")
    assert "plotly.min.js" not in document_head(draws=False)


async def get(path):
    app = FastAPI()
    serve_assets(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://page") as client:
        return await client.get(path)


def test_asset_is_kept_for_good():
    answer = asyncio.run(get("/assets/look.js"))

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/..%2Fapp.py", "/assets/"])
def test_nothing_else_is_served_from_the_folder(path):
    assert asyncio.run(get(path)).status_code == 404
