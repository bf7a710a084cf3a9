import json
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.soak.questions import MIX, N_CANDLES, PROBES, Questions, forecasts_of, wrong

NOW = datetime(2021, 1, 4, 12, 2, tzinfo=UTC)
CANDLE = timedelta(minutes=5)
NAMES = ("S00/USDT", "S01/USDT")


@pytest.fixture
def questions():
    return Questions(NAMES, "5m", CANDLE)


def forecast(symbol=NAMES[0], **changes):
    bands = [{"level": 0.5, "low": 99, "high": 101}, {"level": 0.8, "low": 98, "high": 102}]
    return {"symbol": symbol, "as_of": "2021-01-04T12:00:00Z", "p_up": 0.5, "intervals": bands, **changes}


def judged(asked, answer, status=200):
    return wrong(asked, status, json.dumps(answer).encode(), now=NOW)


def test_mix_is_of_a_hundred_requests():
    assert sum(MIX.values()) == 100


@pytest.mark.parametrize("route", PROBES)
def test_every_route_is_asked_in_one_request(questions, route):
    asked = questions.ask(route)

    assert asked.request.split(b" ")[0] in (b"GET", b"POST")
    assert b"\r\n\r\n" in asked.request


@pytest.mark.parametrize("route", PROBES)
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"items": null}', b"<h1>503</h1>", b"null", b"7"])
def test_no_route_takes_rubbish_for_right(questions, route, body):
    assert wrong(questions.ask(route), 200, body, now=NOW)


def test_wrong_of_another_status_tells_it(questions):
    assert judged(questions.ask("latest"), {"title": "Stale data"}, status=503).startswith("503 ")


def test_wrong_of_a_forecast_as_asked_for_is_nothing(questions):
    assert judged(questions.ask("latest"), forecast()) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "S01/USDT"},
        {"p_up": 1.5},
        {"as_of": "2021-01-04T11:45:00Z"},
        {"intervals": []},
        {"intervals": [{"level": 0.5, "low": 90, "high": 110}, {"level": 0.8, "low": 98, "high": 102}]},
    ],
    ids=["symbol", "probability", "old", "no interval", "not nested"],
)
def test_wrong_of_another_forecast_says_so(questions, changes):
    assert "not what was asked for" in judged(questions.ask("latest"), forecast(**changes))


def test_wrong_of_a_batch_with_one_problem_says_so(questions):
    items = [{"forecast": forecast(), "problem": None}, {"forecast": None, "problem": {"status": 503}}]

    assert judged(questions.ask("batch"), {"items": items})


def test_wrong_of_candles_out_of_order_says_so(questions):
    opens = [(NOW - place * CANDLE).isoformat() for place in range(N_CANDLES)]
    asked = questions.ask("candles")

    def answer(ordered):
        return {"symbol": NAMES[0], "candles": [{"open_time": one} for one in ordered]}

    assert judged(asked, answer(opens[::-1])) == ""
    assert judged(asked, answer(opens))
    assert judged(asked, answer(opens[:-1]))


def test_forecasts_of_an_answer_are_symbol_and_close(questions):
    items = [{"forecast": forecast(), "problem": None}, {"forecast": None, "problem": {"status": 503}}]

    found = forecasts_of(questions.ask("batch"), json.dumps({"items": items}).encode())

    assert found == [(NAMES[0], datetime(2021, 1, 4, 12, tzinfo=UTC))]
