"""What does each call of the HTTP API send, and how is its answer read? No I/O: the clients in `client` send."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import TypeAdapter, ValidationError

from candlecast import errors
from candlecast.queries import CandleQuery, NewsFilter
from candlecast.schemas import (
    CandlePage,
    Engine,
    Forecast,
    ForecastBatch,
    ForecastItem,
    ForecastResults,
    NewsPage,
    PriceResults,
    Problem,
    Readiness,
    SentimentAnswer,
    SentimentRequest,
    SentimentSummary,
    SymbolStatus,
    WireModel,
)

Answer = TypeVar("Answer")

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PROBLEM_TYPE = "application/problem+json"
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
_BY_STATUS: Mapping[int, type[errors.CandlecastError]] = {
    400: errors.InvalidRequestError,
    404: errors.InvalidRequestError,
    409: errors.InsufficientHistoryError,
    422: errors.InvalidRequestError,
}
_SYMBOLS: TypeAdapter[list[SymbolStatus]] = TypeAdapter(list[SymbolStatus])
_CANDLES = TypeAdapter(CandlePage)
_PRICES = TypeAdapter(PriceResults)
_FORECAST = TypeAdapter(Forecast)
_FORECASTS = TypeAdapter(ForecastResults)
_SENTIMENT = TypeAdapter(SentimentAnswer)
_SENTIMENT_SUMMARY = TypeAdapter(SentimentSummary)
_NEWS = TypeAdapter(NewsPage)
_READINESS = TypeAdapter(Readiness)


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One call of the API: a GET, or a POST where it has a body.

    Parameters
    ----------
    path : str
        Path below the base address.
    answer : TypeAdapter
        Reads the JSON of the answer.
    params : mapping
        Query of the address.
    body : WireModel or None
        What a POST sends.
    accepted : frozenset of int
        Status codes whose JSON is the answer rather than a problem.
    """

    path: str
    answer: TypeAdapter[Answer]
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    body: WireModel | None = None
    accepted: frozenset[int] = frozenset({200})


def symbols_call() -> Call[list[SymbolStatus]]:
    """Return the call for the tracked symbols."""
    return Call("/v1/symbols", _SYMBOLS)


def candles_call(query: CandleQuery) -> Call[CandlePage]:
    """Return the call for one page of candles."""
    params: dict[str, str | int] = {
        "symbol": query.symbol,
        "timeframe": query.timeframe,
        "limit": query.limit,
    }
    times = {"start": query.start, "end": query.end}
    params |= {name: moment.isoformat() for name, moment in times.items() if moment is not None}
    if query.cursor is not None:
        params["cursor"] = query.cursor
    return Call("/v1/candles", _CANDLES, params)


def prices_call(symbols: Sequence[str]) -> Call[PriceResults]:
    """Return the call for the prices of `symbols`, of all tracked ones when there are none."""
    return Call("/v1/prices", _PRICES, {"symbols": ",".join(symbols)})


def forecast_call(symbol: str, timeframe: str, *, horizon: int) -> Call[Forecast]:
    """Return the call for the newest forecast of one series."""
    return Call("/v1/forecasts/latest", _FORECAST, {"symbol": symbol, "timeframe": timeframe, "horizon": horizon})


def forecasts_call(items: Sequence[ForecastItem]) -> Call[ForecastResults]:
    """Return the call for many forecasts at once."""
    return Call("/v1/forecasts", _FORECASTS, body=ForecastBatch(items=list(items)))


def sentiment_call(texts: Sequence[str], *, engine: Engine | None) -> Call[SentimentAnswer]:
    """Return the call that scores texts."""
    return Call("/v1/sentiment", _SENTIMENT, body=SentimentRequest(texts=list(texts), engine=engine))


def sentiment_summary_call(symbol: str, *, window: str) -> Call[SentimentSummary]:
    """Return the call for what the news of a window say about one symbol."""
    return Call("/v1/sentiment", _SENTIMENT_SUMMARY, {"symbol": symbol, "window": window})


def news_call(wanted: NewsFilter) -> Call[NewsPage]:
    """Return the call for one page of stories."""
    given = {name: value for name, value in asdict(wanted).items() if value is not None}
    return Call("/v1/news", _NEWS, given)


def readiness_call() -> Call[Readiness]:
    """Return the call for readiness; 503 carries the same body as 200."""
    return Call("/readyz", _READINESS, accepted=frozenset({200, 503}))


def build_request(http: httpx2.Client | httpx2.AsyncClient, call: Call[Answer]) -> httpx2.Request:
    """Return the request of `call`, for either kind of client."""
    if call.body is None:
        return http.build_request("GET", call.path, params=dict(call.params))
    return http.build_request("POST", call.path, json=call.body.model_dump(mode="json"))


def read_answer(call: Call[Answer], response: httpx2.Response) -> Answer:
    """Return what `response` says, or raise the error that it stands for."""
    is_problem = response.headers.get("content-type", "").startswith(_PROBLEM_TYPE)
    where = f"{response.request.method} {response.request.url}"
    try:
        if response.status_code in call.accepted and not is_problem:
            return call.answer.validate_json(response.content)
        problem = Problem.model_validate_json(response.content)
    except ValidationError as error:
        raise errors.SourceUnavailableError(
            f"{where} answered {response.status_code} with a body that is not Candlecast's; "
            "check that the address is a Candlecast API of this version"
        ) from error
    raise problem_error(problem, retry_after_s=_retry_after_s(response))


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
    if problem.status == 429:
        return errors.SourceRateLimitedError(problem.detail, retry_after_s)
    kind = _BY_TITLE.get(problem.title) or _BY_STATUS.get(problem.status, errors.SourceUnavailableError)
    return kind(problem.detail)


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


def _retry_after_s(response: httpx2.Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 1.0
