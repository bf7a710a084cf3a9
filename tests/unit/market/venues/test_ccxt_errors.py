import ccxt
import pytest

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.venues.ccxt_errors import DEFAULT_RETRY_AFTER_S, raise_for_status, translated


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (ccxt.BadSymbol("x"), UnknownSymbolError),
        (ccxt.BadRequest("x"), InvalidRequestError),
        (ccxt.NotSupported("x"), InvalidRequestError),
        (ccxt.RateLimitExceeded("x"), SourceRateLimitedError),
        (ccxt.DDoSProtection("x"), SourceRateLimitedError),
        (ccxt.RestrictedLocation("x"), SourceBlockedError),
        (ccxt.PermissionDenied("x"), SourceBlockedError),
        (ccxt.AuthenticationError("x"), SourceNotConfiguredError),
        (ccxt.OnMaintenance("x"), SourceUnavailableError),
        (ccxt.RequestTimeout("x"), SourceUnavailableError),
        (ccxt.ExchangeError("x"), SourceUnavailableError),
        (TimeoutError(), SourceUnavailableError),
        (ConnectionResetError("x"), SourceUnavailableError),
        (KeyError("x"), SourceUnavailableError),
        (AttributeError("x"), SourceUnavailableError),
        (SourceBlockedError("x"), SourceBlockedError),
    ],
)
def test_failure_inside_ccxt_is_told_by_its_reaction(raised, error):
    with pytest.raises(error) as caught, translated("Kraken", symbol="BTC/USD"):
        raise raised

    assert type(caught.value) is error


def test_cancelled_call_stays_cancelled():
    with pytest.raises(GeneratorExit), translated("Kraken"):
        raise GeneratorExit


def test_message_of_a_failure_is_one_short_line():
    with pytest.raises(SourceUnavailableError) as caught, translated("Kraken"):
        raise ccxt.NetworkError("two\nlines " + 500 * "x")

    assert str(caught.value).startswith("Kraken does not answer: two lines x")
    assert len(str(caught.value)) < 240


def test_message_of_a_failure_names_its_cause():
    failure = ccxt.ExchangeNotAvailable("kraken GET https://there/0/public/Time")
    failure.__cause__ = ConnectionRefusedError("connection refused")

    with (
        pytest.raises(SourceUnavailableError, match=r"^Kraken does not answer: connection refused$"),
        translated("Kraken"),
    ):
        raise failure


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, DEFAULT_RETRY_AFTER_S),
        ({}, DEFAULT_RETRY_AFTER_S),
    ],
)
def test_rate_limit_waits_as_long_as_the_header_says(headers, wait_s):
    with pytest.raises(SourceRateLimitedError) as caught:
        raise_for_status("Kraken", 429, headers)

    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize("status", [200, 404, 500])
def test_status_that_ccxt_reads_rightly_is_left_to_it(status):
    assert raise_for_status("Kraken", status, {}) is None
