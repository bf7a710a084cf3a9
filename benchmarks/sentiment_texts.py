"""The headlines that the sentiment engine is timed on: labelled ones from a file, or generated ones."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candlecast.replay.headlines import make_headlines
from candlecast.sentiment.engine import LABELS, NEGATIVE, NEUTRAL, POSITIVE

# the Twitter set's own digits: bearish, bullish, neutral
_CLASSES = {"0": NEGATIVE, "1": POSITIVE, "2": NEUTRAL, **{name: place for place, name in enumerate(LABELS)}}
_SYMBOLS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "AAPL", "MSFT", "TSLA")
_START = datetime(2022, 1, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Texts:
    """Distinct texts, and the place in `LABELS` of each one's class where that is known."""

    texts: list[str]
    labels: npt.NDArray[np.int64] | None
    dataset: str


def headlines(n: int) -> list[str]:
    """Return `n` distinct headlines, the same ones each time."""
    made = make_headlines(_SYMBOLS, _START, _START + timedelta(days=400), seed=9, story_every_s=14_400.0)
    titles = list(dict.fromkeys(item.title for item in made.items))
    assert len(titles) >= n, len(titles)
    return titles[:n]


def read_texts(data: Path | None, *, n: int) -> Texts:
    """Return the first `n` distinct texts of a CSV with text,label, or as many generated headlines."""
    if data is None:
        return Texts(headlines(n), None, "generated")
    with data.open(newline="", encoding="utf-8") as file:
        rows = {row["text"]: row["label"].strip().lower() for row in csv.DictReader(file)}
    known = [(text, _CLASSES[label]) for text, label in rows.items() if label in _CLASSES][:n]
    if not known:
        raise SystemExit(f"{data} holds no row with a text and a label of {', '.join(LABELS)}")
    return Texts([text for text, _ in known], np.array([label for _, label in known]), data.stem)
