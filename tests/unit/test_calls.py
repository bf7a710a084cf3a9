import pytest

from candlecast import calls
from candlecast.errors import UnknownSymbolError
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
