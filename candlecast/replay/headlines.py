"""Which headlines does a replay play? Those of a file, or seeded ones that outlets tell in their own words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol
from candlecast.news.articles import FedItem
from candlecast.news.history import read_history
from candlecast.replay.headline_texts import FIRMS, NAMES, OUTLETS, STORIES, Story

STORY_EVERY_S = 21_600.0
MOST_STORIES = 20_000
# Good, bad and no particular mood.
MOOD_SHARES = (0.35, 0.35, 0.30)
LATEST_RETELLING_S = 5_400


@dataclass(frozen=True, slots=True)
class Headlines:
    """Items of news that were published while a recording was made.

    Parameters
    ----------
    name : str
        Where they come from.
    items : tuple of FedItem
        All dated, ascending by the time of publication.
    """

    name: str
    items: tuple[FedItem, ...] = ()

    @classmethod
    def of(cls, name: str, items: Iterable[FedItem]) -> "Headlines":
        """Return the dated ones of `items` in the order of publication."""
        dated = ((item.published_at, item) for item in items)
        known = [(moment, item) for moment, item in dated if moment is not None]
        return cls(name, tuple(item for _, item in sorted(known, key=lambda pair: pair[0])))


def load_headlines(path: Path) -> Headlines:
    """Read headlines from a CSV file, gzip or plain; see `candlecast.news.history`.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read as headlines, or none of them is dated.
    """
    headlines = Headlines.of(str(path), (item for chunk in read_history(path) for item in chunk))
    if not headlines.items:
        raise InvalidRequestError(f"{path} holds no dated headline to play; fill its column published_at")
    return headlines


def make_headlines(
    symbols: Sequence[str], start: datetime, end: datetime, *, seed: int, story_every_s: float = STORY_EVERY_S
) -> Headlines:
    """Generate headlines about `symbols`; the same arguments give the same ones.

    Parameters
    ----------
    symbols : sequence of str
        What they are about, as ``BTC/USDT`` or ``AAPL``.
    start, end : datetime
        Aware; items are published in ``[start, end)``.
    seed : int
        Seed; each symbol draws its own stream from it.
    story_every_s : float
        Mean market seconds between two stories of a symbol; longer where all of them were more than 20,000.

    Returns
    -------
    Headlines
        Of each story one item or more, an outlet and a wording each, within 90 minutes of the first one. 35 % of
        the stories are good news, 35 % bad; they have nothing to do with the candles.

    Raises
    ------
    InvalidRequestError
        When `end` is not after `start`, or `story_every_s` not above 0.
    """
    span_s = (end - start).total_seconds()
    if span_s <= 0 or story_every_s <= 0:
        given = f"was {start.isoformat()} to {end.isoformat()}, every {story_every_s} s"
        raise InvalidRequestError(f"headlines need an end after their start and a distance above 0 s, {given}")
    n_stories = min(max(1, round(span_s / story_every_s)), max(1, MOST_STORIES // max(1, len(symbols))))
    items = (
        item
        for place, name in enumerate(symbols)
        for item in _tell(Symbol.parse(name), np.random.default_rng([seed, place]), n_stories, (start, end))
    )
    return Headlines.of(f"generated, seed {seed}", items)


def slug(text: str) -> str:
    """Return `text` as addresses write it: ``yahoo-finance`` of ``Yahoo Finance``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _tell(
    symbol: Symbol, rng: np.random.Generator, n_stories: int, span: tuple[datetime, datetime]
) -> Iterator[FedItem]:
    start, end = span
    for offset in rng.uniform(0, 1, size=n_stories).tolist():
        first_at = start + (end - start) * offset
        moods = STORIES[symbol.asset_class]
        stories = moods[int(rng.choice(len(moods), p=MOOD_SHARES))]
        yield from _retell(symbol, rng, stories[int(rng.integers(len(stories)))], (first_at, end))


def _retell(
    symbol: Symbol, rng: np.random.Generator, story: Story, span: tuple[datetime, datetime]
) -> Iterator[FedItem]:
    ticker = symbol.name.partition("/")[0]
    words = {
        "name": NAMES.get(ticker, ticker),
        "ticker": ticker,
        "firm": FIRMS[int(rng.integers(len(FIRMS)))],
        "pct": f"{rng.uniform(1, 25):.1f}",
        "price": f"{rng.uniform(10, 60_000):,.0f}",
        "amount": str(int(rng.integers(10, 999))),
    }
    outlets = rng.permutation(len(OUTLETS[symbol.asset_class]))[: int(rng.integers(1, 4))].tolist()
    for place, outlet in enumerate(outlets):
        delay_s = 0 if place == 0 else int(rng.integers(60, LATEST_RETELLING_S))
        published_at = span[0].astimezone(UTC).replace(microsecond=0) + timedelta(seconds=delay_s)
        if published_at < span[1]:
            title = story[outlet % len(story)].format(**words)
            yield _item(OUTLETS[symbol.asset_class][outlet], title, published_at, ticker)


def _item(outlet: str, title: str, published_at: datetime, ticker: str) -> FedItem:
    stamp = f"{published_at:%Y/%m/%d}/{int(published_at.timestamp()) % 86_400}"
    return FedItem(
        feed="file",
        source=outlet,
        url=f"https://{slug(outlet)}.example/{stamp}/{slug(title)}",
        title=title,
        summary=f"{title}. More about {ticker} follows.",
        published_at=published_at,
        codes=(ticker,),
    )
