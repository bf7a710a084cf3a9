import asyncio
import json
import re
from dataclasses import replace

import httpx2
import pytest
from fastapi import FastAPI

from candlecast.client import AsyncCandlecastClient
from candlecast.settings import Settings
from tests.fakes import FakeApi
from ui.first.answer import first_routes
from ui.first.frame import first_frame
from ui.site import PAGES, make_site


@pytest.fixture
def fake():
    return FakeApi()


def ask(fake, *, query="", body="{}", path="/first/dashboard"):
    return asyncio.run(answer_of(fake, query, body, path))


async def answer_of(fake, query, body, path):
    client = AsyncCandlecastClient("http://api", transport=httpx2.ASGITransport(fake.build()))
    site, app = replace(make_site(Settings()), client=client), FastAPI()
    app.include_router(first_routes(site))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://page") as client:
        return await client.post(path + query, content=body)


def test_answer_fills_every_part_of_the_frame(fake):
    values = ask(fake).json()

    assert set(values) == set(re.findall(r'data-mount="([^"]+)"', first_frame(PAGES[0])))
    assert "Up 54.1 %" in values["cc-forecast"]
    assert json.loads(values["cc-chart"])["key"] == "BTC/USDT 1h"


def test_answer_is_about_what_the_address_names(fake):
    values = ask(fake, query="?symbol=ETH%2FUSDT").json()

    assert "ETH/USDT" in values["cc-title"]
    assert json.loads(values["cc-chart"])["key"] == "ETH/USDT 1h"


def test_answer_heeds_what_the_reader_prefers(fake):
    body = json.dumps({"kept": {"watchlist": ["LTC/USDT"], "indicators": ["rsi"]}})

    values = ask(fake, body=body).json()

    assert re.findall(r'<button type="button" data-symbol="([^"]+)"', values["cc-watchlist"]) == [
        "BTC/USDT",
        "LTC/USDT",
    ]
    assert "yaxis3" in json.loads(values["cc-chart"])["figure"]["layout"]
    assert "yaxis4" not in json.loads(values["cc-chart"])["figure"]["layout"]


@pytest.mark.parametrize("body", ["", "[1]", "{", '{"shown": 7, "held": [], "kept": "x"}'])
def test_body_that_makes_no_sense_is_nobodys_wish(fake, body):
    assert ask(fake, body=body).status_code == 200


def test_body_without_end_is_refused(fake):
    assert ask(fake, body=b"x" * 40_000).status_code == 413
