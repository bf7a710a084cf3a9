import pytest

from candlecast import calls
from candlecast.errors import UnknownSymbolError
from candlecast.queries import CandleQuery, LedgerQuery, NewsFilter, TrackRecordQuery
from candlecast.schemas import Problem


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000/", False),
        ("http://[::1]:8000", False),
        ("https://candlecast.example", True),
    ],
)
def test_proxy_is_never_used_for_this_machine(url, allowed):
    assert calls.may_use_proxy(url) is allowed


def test_unknown_symbol_problem_keeps_the_detail_of_the_api():
    error = calls.problem_error(Problem(title="Unknown symbol", status=404, detail="symbol 'X'; did you mean XRP?"))

    assert isinstance(error, UnknownSymbolError)
    assert str(error) == "symbol 'X'; did you mean XRP?"


def test_sentiment_call_sends_texts_and_engine():
    call = calls.sentiment_call(["good news"], engine="vader")

    assert call.path == "/v1/sentiment"
    assert call.body is not None
    assert call.body.model_dump() == {"texts": ["good news"], "engine": "vader"}


def test_sentiment_call_without_engine_leaves_the_choice_to_the_service():
    call = calls.sentiment_call(["good news"], engine=None)

    assert call.body is not None
    assert call.body.model_dump() == {"texts": ["good news"], "engine": None}


def test_sentiment_summary_call_with_history_asks_for_it():
    call = calls.sentiment_summary_call("BTC/USDT", window="7d", history=28)

    assert call.params == {"symbol": "BTC/USDT", "window": "7d", "history": 28}


def test_sentiment_summary_call_sends_symbol_and_window():
    call = calls.sentiment_summary_call("BTC/USDT", window="7d")

    assert (call.path, call.body) == ("/v1/sentiment", None)
    assert call.params == {"symbol": "BTC/USDT", "window": "7d"}


def test_news_call_sends_only_what_was_asked_for():
    call = calls.news_call(NewsFilter(symbol="BTC/USDT", min_score=0.0))

    assert call.path == "/v1/news"
    assert call.params == {"symbol": "BTC/USDT", "min_score": 0.0, "limit": 50}


def test_query_without_a_part_leaves_it_to_the_service():
    assert "include_partial" not in calls.candles_call(CandleQuery(symbol="BTC/USDT", timeframe="1h")).params
    assert calls.ledger_call(LedgerQuery(symbol="BTC/USDT", timeframe="1h")).params.keys() == {
        "symbol",
        "timeframe",
        "limit",
    }
    assert calls.track_record_call(TrackRecordQuery()).params == {"window": "30d"}


def test_track_record_call_asks_for_symbols_and_days():
    params = calls.track_record_call(TrackRecordQuery(by_symbol=True, days=True)).params

    assert params == {"window": "30d", "by": "symbol", "days": True}


def test_id_of_a_path_cannot_leave_its_place():
    assert calls.model_call("../keys?x=1").path == "/v1/models/..%2Fkeys%3Fx%3D1"
