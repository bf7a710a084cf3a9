"""Does every error carry its HTTP answer and say what to do?"""

import pickle

import pytest

from candlecast import errors
from candlecast.errors import CandlecastError, UnknownSymbolError

STATUS = {
    "InvalidRequestError": 422,
    "UnknownSymbolError": 404,
    "AccessError": 401,
    "InsufficientHistoryError": 409,
    "StaleDataError": 503,
    "SourceError": 503,
    "SourceRateLimitedError": 503,
    "SourceBlockedError": 503,
    "SourceUnavailableError": 503,
    "SourceNotConfiguredError": 503,
    "ModelNotReadyError": 503,
    "ModelIntegrityError": 503,
    "StorageError": 503,
    "StackError": 500,
}


def kinds() -> dict[str, type[CandlecastError]]:
    found = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    return {name: kind for name, kind in found.items() if issubclass(kind, CandlecastError)}


def test_errors_have_the_documented_status():
    assert {name: kind.status for name, kind in kinds().items() if name != "CandlecastError"} == STATUS


def test_errors_are_all_drawn_in_the_tree():
    assert [name for name in kinds() if name not in errors.__doc__] == []


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("BTC/USD", "did you mean BTC/USDT"),
        ("btc/usdt", "did you mean BTC/USDT"),
        ("zzzzzz", "did you mean AAPL or BTC/USDT or ETH/USDT"),
    ],
)
def test_unknown_symbol_names_the_near_ones(asked, hint):
    assert hint in str(UnknownSymbolError(asked, ["BTC/USDT", "ETH/USDT", "AAPL"]))


def test_unknown_symbol_of_great_length_is_cut_in_the_message():
    assert len(str(UnknownSymbolError("X" * 10_000, ["BTC/USDT"]))) < 300


def test_unknown_symbol_with_nothing_near_says_so():
    assert "no other name is near it" in str(UnknownSymbolError("BTC/USDT", []))


@pytest.mark.parametrize(
    "error",
    [
        UnknownSymbolError("BTC", ["BTC/USDT"]),
        errors.SourceRateLimitedError("binance asks to wait", 3.5),
        errors.AccessError("this key may not", status=403),
        errors.StorageError("the database does not answer"),
    ],
)
def test_errors_that_travel_between_processes_say_the_same(error):
    arrived = pickle.loads(pickle.dumps(error))

    assert type(arrived) is type(error)
    assert (str(arrived), vars(arrived)) == (str(error), vars(error))


def test_message_that_quotes_lines_is_one_line():
    assert str(errors.InvalidRequestError("file x:\r\n  'a\x0bb\u2028c'\tis none")) == "file x: 'a b c' is none"


def test_message_without_end_is_cut():
    text = str(errors.StorageError("x" * 5_000))

    assert len(text) == errors.LONGEST_LINE + 1
    assert text.endswith("…")
