"""Scores of texts, and the news behind a symbol, on the wire."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from candlecast.schemas.base import WireModel
from candlecast.schemas.tables import Tabular

Engine = Literal["vader", "lexicon", "transformer", "ensemble"]
Label = Literal["negative", "neutral", "positive"]


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


class SentimentAnswer(Tabular):
    """Scores in the order of the texts."""

    rows_in: ClassVar[str] = "scores"

    engine: Engine
    version: str
    scores: list[SentimentScore]


class SentimentPoint(WireModel):
    """What the news of the window up to a moment said."""

    at: datetime
    score: float | None = Field(description="null where no story was told")
    n: int


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
    history: list[SentimentPoint] = Field(
        default_factory=list, description="the same score at moments a quarter of the window apart, up to `as_of`"
    )


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


class NewsPage(Tabular):
    """Stories, newest first; `next_cursor` continues after the last one."""

    items: list[NewsItem]
    next_cursor: str | None = None


class NewsSource(WireModel):
    """One outlet, and how much it told lately."""

    source: str
    n: int = Field(description="stories that it told in the last 30 days, first or not")
    newest_at: datetime


class NewsRow(WireModel):
    """One story as a line of a table; lists are joined by ``;``, no score is empty."""

    id: int
    title: str
    url: str
    source: str
    outlets: str
    published_at: datetime | None
    known_at: datetime
    estimated: bool
    symbols: str
    score: float | None
    label: str | None

    @classmethod
    def of(cls, item: NewsItem) -> "NewsRow":
        """Return the line of a story."""
        told = item.model_dump(include={"id", "title", "url", "source", "published_at", "known_at", "estimated"})
        judged = item.sentiment
        return cls(
            **told,
            outlets=";".join(item.outlets),
            symbols=";".join(item.symbols),
            score=None if judged is None else judged.score,
            label=None if judged is None else judged.label,
        )
