"""Does the HTTP API answer as documented, errors included? No cluster: fakes behind the handles."""

import json
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from candlecast.errors import InsufficientHistoryError, ModelNotReadyError, StorageError, UnknownSymbolError
from candlecast.forecasts.board import ForecastBoard
from candlecast.forecasts.known import KnownForecasts
from candlecast.market.symbols import Symbol
from candlecast.schemas import FeedState, PriceResults, Problem
from candlecast.storage.cache import Cache
from serve.api.services import Services, current
from serve.app import build_api
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast
from tests.unit.serve.totals import make_totals

JSON = "application/json"
SYMBOLS = {name: Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT", "NEW/USDT", "OLD/USDT")}
PROBLEM = "application/problem+json"


class FakeMethod:
    """A handle's method: ``.remote()`` answers what the fake was given."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.calls = []
        self.request_ids = []

    async def remote(self, argument, request_id):
        self.calls.append(argument)
        self.request_ids.append(request_id)
        return [self.answer(item) for item in argument]


class FakeHandle:
    def __init__(self, **methods) -> None:
        for name, answer in methods.items():
            setattr(self, name, FakeMethod(answer))


class FakeSentiment:
    """Answers each of its methods with the method's name as version, and knows no transformer."""

    def __init__(self) -> None:
        self.judge_one = FakeJudge("judge_one")
        self.judge_many = FakeJudge("judge_many")


class FakeJudge:
    def __init__(self, name) -> None:
        self.name = name

    async def remote(self, texts, engine, request_id):
        assert request_id
        if engine == "transformer":
            return None, {"title": "Model not ready", "status": 503, "detail": "there is no folder nowhere"}
        scores = [{"score": 0.5, "label": "positive", "probabilities": {"positive": 1.0}}] * len(texts)
        return json.dumps({"engine": engine or "ensemble", "version": self.name, "scores": scores}).encode(), None


class FakeFeeds:
    """One feed answers, one does not."""

    async def read(self):
        return {
            "rss:daily": FeedState(state="ok", n_accepted=7, n_rejected=2),
            "newsapi": FeedState(state="failing", reason="does not answer"),
        }


class FailingReading:
    """Every read fails as if the database were down."""

    class reader:
        @staticmethod
        async def candles(query):
            raise StorageError("the database does not answer: refused; is PostgreSQL running?")

        @staticmethod
        async def newest():
            raise StorageError("the database does not answer")

    def __init__(self) -> None:
        board = ForecastBoard(clock=make_frozen_clock(NOW, NOW + timedelta(days=1)), symbols=SYMBOLS)
        self.forecasts = KnownForecasts(board=board, cache=Cache(""), champion_ids=dict)
        self.prices = FakePrices()
        self.cache = FakeCache()
        self.feeds = FakeFeeds()
        self.stack = FailingStack()


class FailingStack:
    """Neither store answers."""

    def stored(self):
        raise StorageError("the database does not answer")

    async def redis(self):
        return None

    async def processes(self):
        return None


class FakePrices:
    """Repeats what it was asked for, as problems."""

    async def prices(self, names):
        return PriceResults(items=[{"problem": Problem(title=name, status=404, detail="none")} for name in names])


class FakeCache:
    async def read_totals(self):
        return make_totals({("price", "hit"): 3, ("price", "miss"): 1})


def forecast_or_problem(item):
    symbol, timeframe, _ = item
    failures = {
        "NOPE/USDT": UnknownSymbolError("NOPE/USDT", ["BTC/USDT"]),
        "NEW/USDT": InsufficientHistoryError("NEW/USDT has 3 candles, needs 512: wait or backfill"),
        "OLD/USDT": ModelNotReadyError("no model of 1h, horizon 1, is promoted yet; run `candlecast train`"),
    }
    if symbol in failures:
        error = failures[symbol]
        return Problem(status=error.status, title=error.title, detail=str(error)).model_dump()
    return make_forecast(symbol, timeframe=timeframe).model_dump_json().encode()


@pytest.fixture
def forecaster():
    return FakeHandle(answers=forecast_or_problem)


@pytest.fixture
def client(forecaster):
    api = build_api()
    services = Services(
        reading=FailingReading(),
        forecaster=forecaster,
        sentiment=FakeSentiment(),
    )
    api.dependency_overrides[current] = lambda: services
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client


def test_latest_forecast_of_a_followed_symbol_is_the_forecast(client):
    answer = client.get("/v1/forecasts/latest", params={"symbol": "BTC/USDT", "timeframe": "1h"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert answer.json()["symbol"] == "BTC/USDT"


@pytest.mark.parametrize(
    ("symbol", "status", "says"),
    [
        ("NOPE/USDT", 404, "did you mean BTC/USDT"),
        ("NEW/USDT", 409, "needs 512"),
        ("OLD/USDT", 503, "candlecast train"),
    ],
)
def test_latest_forecast_that_fails_is_a_problem_with_the_remedy(client, symbol, status, says):
    answer = client.get("/v1/forecasts/latest", params={"symbol": symbol, "timeframe": "1h"})

    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert says in answer.json()["detail"]
    assert ("retry-after" in answer.headers) == (status == 503)


def test_forecast_batch_with_one_bad_item_answers_the_others(client):
    items = [{"symbol": "BTC/USDT", "timeframe": "1h"}, {"symbol": "NOPE/USDT", "timeframe": "1h"}]

    answers = client.post("/v1/forecasts", json={"items": items}).json()["items"]

    assert answers[0]["forecast"]["symbol"] == "BTC/USDT"
    assert answers[1]["problem"]["status"] == 404


def test_forecast_that_is_known_is_not_asked_for_again(client, forecaster):
    for _ in range(2):
        client.get("/v1/forecasts/latest", params={"symbol": "BTC/USDT", "timeframe": "1h"})
    items = [{"symbol": name, "timeframe": "1h"} for name in ("ETH/USDT", "BTC/USDT", "ETH/USDT")]

    answers = client.post("/v1/forecasts", json={"items": items}).json()["items"]

    assert forecaster.answers.calls == [[("BTC/USDT", "1h", 1)], [("ETH/USDT", "1h", 1)]]
    assert [answer["forecast"]["symbol"] for answer in answers] == ["ETH/USDT", "BTC/USDT", "ETH/USDT"]


def test_id_of_a_request_goes_along_to_the_forecaster(client, forecaster):
    asked = {"symbol": "BTC/USDT", "timeframe": "1h"}

    client.get("/v1/forecasts/latest", params=asked, headers={"X-Request-ID": "mine-1"})

    assert forecaster.answers.request_ids == ["mine-1"]


def test_finding_the_services_costs_no_thread(client, monkeypatch):
    def start(*_):
        raise AssertionError("a dependency that is no coroutine takes a thread for each request")

    monkeypatch.setattr("fastapi.dependencies.utils.run_in_threadpool", start)

    assert client.get("/v1/forecasts/latest", params={"symbol": "BTC/USDT", "timeframe": "1h"}).status_code == 200


def test_failed_forecast_is_asked_for_again(client, forecaster):
    for _ in range(2):
        client.get("/v1/forecasts/latest", params={"symbol": "NEW/USDT", "timeframe": "1h"})

    assert len(forecaster.answers.calls) == 2


def test_prices_of_a_list_are_asked_by_their_names(client):
    answer = client.get("/v1/prices", params={"symbols": "btc/usdt, AAPL,"})

    assert [item["problem"]["title"] for item in answer.json()["items"]] == ["BTC/USDT", "AAPL"]


def test_metrics_are_prometheus_text_with_the_hit_ratio(client):
    answer = client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert "candlecast_cache_hit_ratio 0.75" in answer.text.splitlines()


def test_metrics_without_stores_say_so_and_tell_what_this_process_counts(client):
    lines = client.get("/metrics").text.splitlines()

    assert "candlecast_database_up 0.0" in lines
    assert any(line.startswith("process_cpu_seconds_total{") for line in lines)


def test_metrics_tell_how_each_feed_is(client):
    lines = client.get("/metrics").text.splitlines()

    assert 'candlecast_feed_up{feed="rss:daily",state="ok"} 1.0' in lines
    assert 'candlecast_feed_up{feed="newsapi",state="failing"} 0.0' in lines
    assert 'candlecast_feed_items_total{feed="rss:daily",outcome="rejected"} 2.0' in lines


@pytest.mark.parametrize(
    ("path", "params", "names"),
    [
        ("/v1/forecasts/latest", {"timeframe": "1h"}, "symbol"),
        ("/v1/forecasts/latest", {"symbol": "BTC/USDT", "timeframe": "1h", "horizon": "soon"}, "horizon"),
        ("/v1/candles", {"symbol": "BTC/USDT", "timeframe": "1h", "limit": "0"}, "limit"),
        ("/v1/candles", {"symbol": "BTC/USDT", "timeframe": "1h", "start": "yesterday"}, "start"),
    ],
)
def test_request_with_bad_parameter_is_a_problem_that_names_it(client, path, params, names):
    answer = client.get(path, params=params)

    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert names in answer.json()["detail"]


def test_unknown_path_is_a_problem_that_points_to_the_docs(client):
    answer = client.get("/v2/anything")

    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert "/docs" in answer.json()["detail"]


def test_database_down_is_a_503_problem_without_traceback(client):
    answer = client.get("/v1/candles", params={"symbol": "BTC/USDT", "timeframe": "1h"})

    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert "Traceback" not in answer.text


def test_unexpected_error_is_a_500_problem_that_hides_the_cause(client):
    with capture_logs() as logs:
        answer = client.get("/v1/symbols")

    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "FailingReading" not in answer.text
    assert isinstance(logs[0]["exc_info"], AttributeError)


@pytest.mark.parametrize(("texts", "asked"), [(["a", "b", "c"], "judge_many"), (["a"], "judge_one")])
def test_score_texts_asks_for_many_at_once_and_for_one_among_others(client, texts, asked):
    answer = client.post("/v1/sentiment", json={"texts": texts})

    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert answer.json()["version"] == asked
    assert len(answer.json()["scores"]) == len(texts)


def test_score_texts_without_a_model_is_a_problem_with_the_remedy(client):
    answer = client.post("/v1/sentiment", json={"texts": ["a"], "engine": "transformer"})

    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.json()["detail"] == "there is no folder nowhere"


@pytest.mark.parametrize("body", [{"texts": []}, {"texts": ["a"] * 513}, {"texts": ["a"], "engine": "bert"}])
def test_score_texts_of_a_request_beyond_the_limits_is_a_problem(client, body):
    answer = client.post("/v1/sentiment", json=body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


def test_docs_ask_no_other_host(client):
    page = client.get("/docs").text

    assert "https://" not in page
    assert "http://" not in page
