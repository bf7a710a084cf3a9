import asyncio

import httpx2
import pytest
from fastapi import FastAPI

from ui.asset_files import SCRIPT, asset_url, serve_assets
from ui.site import PAGES
from ui.theme import document_head, early_head


def test_address_of_an_asset_is_relative_and_names_its_content():
    name, _, digest = asset_url("style.css").partition("?v=")

    assert name == "assets/style.css"
    assert len(digest) == 16


def test_missing_asset_is_loud():
    with pytest.raises(FileNotFoundError):
        asset_url("none.js")


def test_head_of_the_document_loads_only_relative_addresses():
    head = early_head(PAGES[0]) + document_head()

    assert 'href="assets/style.css?v=' in head
    assert 'src="assets/candlecast.js?v=' in head
    assert 'src="assets/plotly-finance.min.js?v=' in head
    assert "http" not in head.replace("http://www.w3.org/2000/svg", "")


def test_only_pages_with_charts_load_what_draws_them_and_only_a_first_view_is_asked_for():
    heads = {spec.name: early_head(spec) for spec in PAGES}

    assert {name for name, head in heads.items() if "plotly" in head} == {
        "dashboard",
        "charts",
        "track_record",
        "models",
    }
    assert {name for name, head in heads.items() if ".ask('" in head} == {"dashboard"}


def test_files_are_packed_for_whoever_takes_them_so():
    plain, packed = (asyncio.run(get(f"/assets/{SCRIPT}", coding=coding)) for coding in ("identity", "gzip"))

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text


async def get(path, coding="gzip"):
    app = FastAPI()
    serve_assets(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://page") as client:
        return await client.get(path, headers={"accept-encoding": coding})


def test_asset_is_kept_for_good():
    answer = asyncio.run(get("/assets/look.js"))

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/..%2Fapp.py", "/assets/"])
def test_nothing_else_is_served_from_the_folder(path):
    assert asyncio.run(get(path)).status_code == 404
