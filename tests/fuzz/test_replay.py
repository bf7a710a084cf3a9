"""Whatever is asked of the replay server: does it answer in the venue's own words, and never fail?"""

import json
from datetime import timedelta
from urllib.parse import quote

import hypothesis
import pytest
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from websockets.sync.client import connect

from candlecast.replay.headlines import make_headlines
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.fuzz.budget import searched
from tests.fuzz.spoiling import as_json, bodies_like, mutated, odd_numbers, odd_texts, odd_times, values
from tests.loopback import serve_app

RECORDING = make_small_recording(["BTC/USDT", "BTC/USD"], 40)
_END_S = int(RECORDING.end.timestamp())
HEADLINES = make_headlines(["BTC/USDT"], RECORDING.start, RECORDING.end, seed=1)
RIGHT = {
    "/api/v3/klines": {
        "symbol": "BTCUSDT",
        "interval": "1h",
        "startTime": "0",
        "endTime": "9999999999999",
        "limit": "5",
    },
    "/api/v3/exchangeInfo": {},
    "/api/v3/ticker/price": {"symbol": "BTCUSDT"},
    "/api/v3/ticker/24hr": {"symbol": "BTCUSDT"},
    "/0/public/OHLC": {"pair": "XBTUSDT", "interval": "60", "since": "0"},
    "/0/public/Ticker": {"pair": "XBTUSDT"},
    "/0/public/AssetPairs": {},
    "/api/v3/brokerage/market/products": {"product_type": "SPOT"},
    "/api/v3/brokerage/market/products/BTC-USD/candles": {
        "start": str(_END_S - 36_000), "end": str(_END_S), "granularity": "ONE_HOUR",
    },
    "/v8/finance/chart/BTC-USD": {"interval": "1h", "period1": "0", "period2": "9999999999", "range": "5d"},
    "/v2/everything": {"q": "bitcoin", "pageSize": "5", "sortBy": "publishedAt"},
    "/api/v1/posts/": {"auth_token": "x", "public": "true", "page": "1"},
    "/clock": {},
    "/recording": {},
}  # fmt: skip
FAULTS = [{"kind": "drop", "venue": "binance", "start_s": 1e6, "length_s": 1, "symbols": ["BTC/USDT"]}]
texts = st.one_of(st.text(max_size=15), odd_texts, odd_times, odd_numbers.map(str), st.integers().map(str)).map(
    lambda text: text.replace("\ud800", "?")
)


def build():
    moment = RECORDING.end - timedelta(minutes=90)
    return build_replay(RECORDING, make_frozen_clock(moment, RECORDING.end), headlines=HEADLINES)


@pytest.fixture(scope="module")
def client():
    # what the server does not handle is raised here
    with TestClient(build(), base_url="http://127.0.0.1") as client:
        yield client


def test_right_questions_are_answered(client):
    for path, query in RIGHT.items():
        assert client.get(path, params=query).status_code in (200, 401), path


@pytest.mark.parametrize("path", RIGHT)
def test_question_is_answered_or_refused_as_the_venue_does(client, path):
    names = sorted({*RIGHT[path], "cursor"})

    @searched(25)
    @hypothesis.given(changes=st.dictionaries(st.sampled_from(names), texts | st.none(), max_size=3))
    def ask(changes):
        query = {name: text for name, text in (RIGHT[path] | changes).items() if text is not None}
        answer = client.get(path, params=query)
        assert answer.status_code < 500, answer.text[:300]
        if answer.headers.get("content-type", "").startswith("application/json"):
            answer.json()

    ask()


@searched(60)
@hypothesis.given(tail=st.text(max_size=30), start=st.sampled_from(sorted(RIGHT)))
def test_path_that_is_none_is_refused(client, tail, start):
    path = start.rsplit("/", 1)[0] + "/" + quote(tail.encode("utf-8", "replace"), safe="%/.")

    assert client.get(path).status_code < 500


@searched(80)
@hypothesis.given(body=bodies_like(FAULTS))
def test_script_of_faults_is_taken_whole_or_refused_and_nothing_of_it_taken(client, body):
    before = client.get("/faults").json()["faults"]

    answer = client.post("/faults", content=body)

    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert client.get("/faults").json()["faults"] == before
    client.delete("/faults")


SUBSCRIBE = {"method": "SUBSCRIBE", "params": ["btcusdt@kline_1h"], "id": 1}


def test_message_to_the_stream_is_answered_and_the_next_one_obeyed():
    with serve_app(build()) as url:

        @searched(40)
        @hypothesis.given(
            messages=st.lists(mutated(SUBSCRIBE).map(as_json) | values.map(as_json) | st.binary(max_size=20))
        )
        def talk(messages):
            with connect(f"{url.replace('http', 'ws', 1)}/stream/0", proxy=None, close_timeout=5) as socket:
                for message in messages:
                    socket.send(message)
                socket.send(json.dumps(SUBSCRIBE | {"id": 77}))
                while json.loads(socket.recv(timeout=10)).get("id") != 77:
                    pass

        talk()
