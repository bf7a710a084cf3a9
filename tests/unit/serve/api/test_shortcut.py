"""Is the straight way the same as the whole way, and is what is unusual left to it?"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from candlecast.forecasts.board import ForecastBoard
from candlecast.forecasts.known import KnownForecasts
from candlecast.market.symbols import Symbol
from candlecast.storage.cache import Cache
from serve.api import shortcut
from serve.api.gate import OPEN_GATE, Gate
from serve.api.services import Services, current
from serve.app import build_api
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast

PATH = "/v1/forecasts/latest?symbol=BTC%2FUSDT&timeframe=1h"


class CountedGate(Gate):
    """Lets everybody pass and counts those that took the straight way."""

    def __init__(self) -> None:
        super().__init__(None)
        self.n_passed = 0

    def pass_now(self, scope):
        self.n_passed += 1
        return super().pass_now(scope)


class ShutGate(CountedGate):
    """Lets nobody take the straight way."""

    def pass_now(self, scope):
        self.n_passed += 1
        return False


def client_of(gate: Gate = OPEN_GATE) -> TestClient:
    clock = make_frozen_clock(NOW + timedelta(seconds=90), NOW + timedelta(days=1))
    board = ForecastBoard(clock=clock, symbols={"BTC/USDT": Symbol.parse("BTC/USDT")})
    board.put(("BTC/USDT", "1h", 1), make_forecast().model_dump_json().encode())
    reading = SimpleNamespace(forecasts=KnownForecasts(board=board, cache=Cache(""), champion_ids=dict))
    api = build_api()
    api.dependency_overrides[current] = lambda: Services(reading=reading, forecaster=None, sentiment=None, access=gate)
    return TestClient(api)


def test_straight_way_and_whole_way_answer_the_same():
    gate = CountedGate()
    straight, whole = client_of(gate).get(PATH), client_of(ShutGate()).get(PATH)

    assert gate.n_passed == 1
    assert (straight.status_code, straight.content) == (whole.status_code, whole.content)
    names = ("content-type", "content-length", "etag", "cache-control")
    assert [straight.headers[name] for name in names] == [whole.headers[name] for name in names]
    assert "x-request-id" in straight.headers


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("symbol=BTC%2FUSDT&timeframe=1h&horizon=x", {}, 422),
        ("symbol=BTC%2FUSDT", {}, 422),
        ("symbol=BTC%2FUSDT&timeframe=1h", {"Accept": "text/html"}, 200),
        ("symbol=BTC%2FUSDT&timeframe=1h&more=1", {}, 200),
        ("symbol=ETH&symbol=BTC%2FUSDT&timeframe=1h", {}, 200),
        ("symbol=%FF&symbol=BTC%2FUSDT&timeframe=1h", {}, 200),
    ],
)
def test_unusual_request_goes_the_whole_way(query, headers, status):
    gate = CountedGate()

    answer = client_of(gate).get(f"/v1/forecasts/latest?{query}", headers=headers)

    assert (answer.status_code, gate.n_passed) == (status, 0)


def test_forecast_that_the_caller_has_is_not_sent_again():
    client = client_of()
    tag = client.get(PATH).headers["etag"]

    answer = client.get(PATH, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("form", ["*", '"x", {}'])
def test_forecast_that_the_caller_has_is_known_by_any_form_of_its_tag(form):
    client = client_of()
    tag = client.get(PATH).headers["etag"].removeprefix("W/")

    assert client.get(PATH, headers={"If-None-Match": form.format(tag)}).status_code == 304


def test_long_query_is_not_kept_in_memory():
    n_kept = shortcut._series.cache_info().currsize

    shortcut._known({"query_string": b"symbol=" + b"x" * 10_000 + b"&timeframe=1h", "headers": [(b"accept", b"x")]})

    assert shortcut._series.cache_info().currsize == n_kept


def test_copy_may_be_kept_until_the_next_close():
    assert client_of().get(PATH).headers["cache-control"] == "private, max-age=3510"
