import pytest

from candlecast import calls
from candlecast.errors import UnknownSymbolError
from candlecast.queries import NewsFilter
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


def test_sentiment_summary_call_sends_symbol_and_window():
    call = calls.sentiment_summary_call("BTC/USDT", window="7d")

    assert (call.path, call.body) == ("/v1/sentiment", None)
    assert call.params == {"symbol": "BTC/USDT", "window": "7d"}


def test_news_call_sends_only_what_was_asked_for():
    call = calls.news_call(NewsFilter(symbol="BTC/USDT", min_score=0.0))

    assert call.path == "/v1/news"
    assert call.params == {"symbol": "BTC/USDT", "min_score": 0.0, "limit": 50}
