"""Is every story judged once, in batches, abstentions included?"""

from collections.abc import Sequence

import numpy as np

from candlecast.news.scoring import score_new
from candlecast.sentiment.engine import Verdicts
from tests.news_builders import NOW


class ShoutEngine:
    """Likes what ends with "!", and says nothing of what is empty."""

    name, version = "lexicon", "1"

    def __init__(self) -> None:
        self.n_calls = 0

    def judge(self, texts: Sequence[str]) -> Verdicts:
        self.n_calls += 1
        rows = [[0, 0, 1] if text.endswith("!") else [0, 1, 0] for text in texts]
        return Verdicts(np.array(rows, dtype=float), tuple(None if text else "no words" for text in texts))


class Board:
    """Titles that wait, and what was said of them; both sides of the storage."""

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles, self.rows = titles, []

    def unscored(self, engine: str, version: str, limit: int) -> list[tuple[int, str]]:
        judged = {(row.news_id, row.engine, row.version) for row in self.rows}
        waiting = [(i, title) for i, title in enumerate(self.titles) if (i, engine, version) not in judged]
        return waiting[:limit]

    def add(self, rows) -> int:
        self.rows += rows
        return len(rows)


class StoppedClock:
    def now(self):
        return NOW


def test_every_story_is_judged_once_in_batches():
    board, engine = Board(["Up!", "Flat", "", "Up again!", "Flat"]), ShoutEngine()

    assert score_new(board, board, engine, StoppedClock(), batch=2) == 5
    assert score_new(board, board, engine, StoppedClock(), batch=2) == 0

    assert engine.n_calls == 3
    assert [row.sentiment.score for row in board.rows] == [1.0, 0.0, None, 1.0, 0.0]
    assert [row.sentiment.abstain_reason for row in board.rows] == [None, None, "no words", None, None]
    assert {(row.engine, row.version, row.scored_at) for row in board.rows} == {("lexicon", "1", NOW)}


def test_new_version_judges_all_stories_anew():
    board, engine = Board(["Up!"]), ShoutEngine()
    score_new(board, board, engine, StoppedClock())
    engine.version = "2"

    assert score_new(board, board, engine, StoppedClock()) == 1
