"""Wire models of the HTTP API: what clients send and receive, field by field."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Basis = Literal["live", "close"]
Direction = Literal["up", "down", "abstain"]
Engine = Literal["vader", "lexicon", "transformer", "ensemble"]
Label = Literal["negative", "neutral", "positive"]


class WireModel(BaseModel):
    """Base of all wire models: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(WireModel):
    """An error as RFC 9457 ``application/problem+json``."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None


class SymbolStatus(WireModel):
    """One tracked symbol and how fresh it is."""

    symbol: str
    asset_class: str
    venue: str
    timeframes: list[str]
    newest_candle: datetime | None = Field(description="close time of the newest stored candle")
    data_age_s: float | None = Field(description="market seconds since that close")
    source: str | None = Field(None, description="where that candle came from, as binance or kraken:USD")
    quality: str | None = Field(None, description="stream, rest, failover, late or repaired")
    model_ready: bool


class Candle(WireModel):
    """One closed candle."""

    open_time: datetime
    close_time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    source: str
    quality: str


class CandlePage(WireModel):
    """Candles ascending by time; `next_cursor` continues after the last one."""

    symbol: str
    timeframe: str
    candles: list[Candle]
    next_cursor: str | None = None


class Price(WireModel):
    """The price of one symbol as of the market time."""

    symbol: str
    price: float = Field(description="in quote currency")
    basis: Basis = Field(description="live: pushed or asked for; close: of the newest stored candle, nothing is newer")
    change_24h_pct: float | None = Field(description="against the close 24 h before, null where that candle is missing")
    source: str
    at: datetime = Field(description="market time at which it was true")
    age_s: float = Field(description="market seconds since then")


class PriceResult(WireModel):
    """A price or the problem that prevented it."""

    price: Price | None = None
    problem: Problem | None = None


class PriceResults(WireModel):
    """Answers in the order of the request."""

    items: list[PriceResult]


class Interval(WireModel):
    """Central interval of the close at the target time."""

    level: float = Field(gt=0, lt=1)
    low: float
    high: float


class SentimentState(WireModel):
    """News sentiment that went into a forecast; unavailable is said, never replaced by 0."""

    score: float | None = None
    n: int = 0
    available: bool = False


class Driver(WireModel):
    """One feature's push on the log odds of up."""

    feature: str
    value: float | None
    contribution: float


class ModelRef(WireModel):
    """Which model made a forecast."""

    id: str
    algorithm: str
    trained_at: datetime
    coverage_recent: float | None = Field(description="share of recent closes inside the 80 % interval")


class DataState(WireModel):
    """How fresh the candles behind a forecast are."""

    age_s: float = Field(description="market seconds since the close of the newest candle")
    stale: bool
    source: str


class Forecast(WireModel):
    """The stored forecast of one close, `horizon` candles ahead."""

    symbol: str
    timeframe: str
    horizon: int
    made_at: datetime
    as_of: datetime
    target_time: datetime
    last_close: float
    p_up: float = Field(ge=0, le=1)
    direction: Direction
    abstain_reason: str | None = None
    expected_log_return: float
    expected_volatility: float = Field(description="expected absolute scale of the log return over the horizon")
    intervals: list[Interval]
    sentiment: SentimentState = SentimentState()
    drivers: list[Driver] = []
    model: ModelRef
    data: DataState


class ForecastItem(WireModel):
    """One wanted forecast."""

    symbol: Annotated[str, Field(max_length=40)]
    timeframe: Annotated[str, Field(max_length=8)]
    horizon: int = 1


class ForecastBatch(WireModel):
    """Up to 1,000 wanted forecasts."""

    items: Annotated[list[ForecastItem], Field(min_length=1, max_length=1_000)]


class ForecastResult(WireModel):
    """A forecast or the problem that prevented it."""

    forecast: Forecast | None = None
    problem: Problem | None = None


class ForecastResults(WireModel):
    """Answers in the order of the request."""

    items: list[ForecastResult]


class SentimentRequest(WireModel):
    """Up to 512 texts to score."""

    texts: Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(min_length=1, max_length=512)]
    engine: Engine | None = Field(None, description="null: the one that scores the news")


class SentimentScore(WireModel):
    """Score of one text, -1 bearish to +1 bullish; an engine that abstains gives no score and no label."""

    score: float | None = Field(ge=-1, le=1, description="P(positive) - P(negative), null when the engine abstains")
    label: Label | None
    probabilities: dict[Label, float]
    abstain_reason: str | None = None


class SentimentAnswer(WireModel):
    """Scores in the order of the texts."""

    engine: Engine
    version: str
    scores: list[SentimentScore]


class SentimentSummary(WireModel):
    """What the news of a window say about one symbol; no news is null, never 0."""

    symbol: str
    window: str = Field(description="as 24h")
    as_of: datetime
    engine: Engine
    version: str
    score: float | None = Field(description="mean score, newer articles weigh more")
    n: int = Field(description="stories, near-duplicates counted once")
    dispersion: float | None = Field(description="weighted standard deviation of the scores")
    negative_share: float | None
    surprise: float | None = Field(description="score minus the symbol's own mean of the 30 days before the window")
    trend: float | None = Field(description="score minus that of the window before")


class NewsItem(WireModel):
    """One story: where it was known first, and who else told it."""

    id: int
    title: str = Field(description="plain text; show it as text, never as markup")
    url: str
    source: str
    outlets: list[str] = Field(description="all that told it, the first one included")
    published_at: datetime | None
    known_at: datetime
    estimated: bool = Field(description="known_at was derived from published_at")
    symbols: list[str]
    sentiment: SentimentScore | None = Field(description="null while not scored yet")


class NewsPage(WireModel):
    """Stories, newest first; `next_cursor` continues after the last one."""

    items: list[NewsItem]
    next_cursor: str | None = None


class FeedState(WireModel):
    """How one news feed is."""

    state: Literal["ok", "failing", "resting", "skipped"] = Field(description="resting: over its quota for now")
    reason: str = ""
    last_ok_at: datetime | None = Field(None, description="wall time of its last good answer")
    n_accepted: int = Field(0, description="articles taken since the collector started")
    n_rejected: int = Field(0, description="items refused since then")


class Check(WireModel):
    """One dependency of the service."""

    name: str
    ok: bool
    detail: str


class SourceState(WireModel):
    """Where the newest candle of a symbol came from."""

    source: str
    quality: str = Field(description="stream, rest, failover, late or repaired")


class Readiness(WireModel):
    """Whether forecasts can be served, and from what data."""

    ready: bool
    source: str = Field(description="live or recorded")
    banner: str | None = Field(description="what a user must know about the data, or null")
    market_time: datetime
    checks: list[Check]
    data_age_s: dict[str, float] = Field(description="per symbol: market seconds since the newest close")
    sources: dict[str, SourceState] = Field({}, description="per symbol: where the newest candle came from")
    feeds: dict[str, FeedState] = Field({}, description="per news feed: how it is")


def problem(*, status: int, title: str, detail: str, instance: str | None = None) -> dict[str, Any]:
    """Return the JSON object of a problem."""
    return Problem(status=status, title=title, detail=detail, instance=instance).model_dump(exclude_none=True)
