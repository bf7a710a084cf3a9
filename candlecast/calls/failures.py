"""What does a failed call mean, and is it worth another try?"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2
from pydantic import ValidationError

from candlecast import errors
from candlecast.schemas import Problem

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PROBLEM_TYPE = "application/problem+json"
_BUSY = frozenset({429, 503})
_SHORTEST_WAIT_S = 0.05
_BY_TITLE: Mapping[str, type[errors.CandlecastError]] = {
    kind.title: kind
    for kind in (
        errors.InvalidRequestError,
        errors.InsufficientHistoryError,
        errors.StaleDataError,
        errors.SourceError,
        errors.ModelNotReadyError,
        errors.ModelIntegrityError,
        errors.StorageError,
    )
}
# a few seconds mend none of these
_LASTING = frozenset({errors.StaleDataError, errors.ModelNotReadyError, errors.ModelIntegrityError})
_BY_STATUS: Mapping[int, type[errors.CandlecastError]] = {
    400: errors.InvalidRequestError,
    404: errors.InvalidRequestError,
    409: errors.InsufficientHistoryError,
    422: errors.InvalidRequestError,
}


def problem_of(response: httpx2.Response) -> Problem | None:
    """Return the problem that `response` tells, None where it tells none that can be read."""
    if not response.headers.get("content-type", "").startswith(_PROBLEM_TYPE):
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


def problem_error(problem: Problem, *, retry_after_s: float = 1.0) -> errors.CandlecastError:
    """Return the error that `problem` stands for, its message the problem's detail.

    Parameters
    ----------
    problem : Problem
        What the API answered, or one item of a batch.
    retry_after_s : float
        Wall seconds that the API asks to wait, used for status 429.
    """
    if problem.title == errors.UnknownSymbolError.title:
        unknown = errors.UnknownSymbolError("", ())
        unknown.args = (problem.detail,)
        return unknown
    if problem.status in (401, 403):
        return errors.AccessError(problem.detail, status=problem.status)
    if problem.status == 429:
        return errors.SourceRateLimitedError(problem.detail, retry_after_s)
    kind = _BY_TITLE.get(problem.title) or _BY_STATUS.get(problem.status, errors.SourceUnavailableError)
    return kind(problem.detail)


def wait_s(response: httpx2.Response, *, left_s: float) -> float | None:
    """Return how many wall seconds to wait until `response` is worth another try, None when it is not.

    Parameters
    ----------
    response : Response
        A 429 or 503 is, where it says when, and its problem is none that lasts.
    left_s : float
        Longest wait.
    """
    if response.status_code not in _BUSY:
        return None
    problem, asked_s = problem_of(response), retry_after_s(response)
    if problem is None or asked_s is None or asked_s > left_s or _BY_TITLE.get(problem.title) in _LASTING:
        return None
    return max(asked_s, _SHORTEST_WAIT_S) if left_s >= _SHORTEST_WAIT_S else None


def retry_after_s(response: httpx2.Response) -> float | None:
    """Return the wall seconds that `response` asks to wait, None where it names none."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def unreachable_error(base_url: str, error: httpx2.RequestError) -> errors.SourceUnavailableError:
    """Return the error of an API that did not answer, naming its address and the next step."""
    address = base_url.rstrip("/")
    if isinstance(error, httpx2.TimeoutException):
        return errors.SourceUnavailableError(
            f"{address} did not answer in time; see `candlecast status`, then try again"
        )
    return errors.SourceUnavailableError(f"no Candlecast API answers at {address}; start one with `candlecast run`")


def may_use_proxy(base_url: str) -> bool:
    """Tell whether proxy settings of the environment apply: never to this machine itself."""
    return urlsplit(base_url).hostname not in _LOOPBACK
