"""Does the desk load history once, go on after failures, and pause by the market's clock?"""

import asyncio
from datetime import timedelta

import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.errors import StorageError
from candlecast.news import desk
from candlecast.news.desk import NewsDesk
from candlecast.news.intake import NewsIntake
from candlecast.news.linking import SymbolLinker
from candlecast.news.rounds import RoundReport
from candlecast.schemas import FeedState
from tests.news_builders import NOW, MemoryStories

ARCHIVE = """published_at,title,source,url
2022-05-10T11:49:00Z,Bitcoin crashes as exchange halts withdrawals,Daily,https://daily.example/1
2022-05-10T11:55:00Z,Ether rallies to record high,Daily,https://daily.example/2
2022-05-11T00:00:00Z,Solana network restarts after outage,Daily,https://daily.example/3
"""


class Rounds:
    """A collector whose rounds end as told; the last end repeats."""

    def __init__(self, *ends):
        self.ends = list(ends)
        self.n_rounds = 0

    async def round(self):
        end = self.ends[min(self.n_rounds, len(self.ends) - 1)]
        self.n_rounds += 1
        if isinstance(end, Exception):
            raise end
        return end


REPORT = RoundReport(2, 1, 0, {}, {"rss:daily": FeedState(state="ok")})


def clock_at(speed=1.0, end=timedelta(days=30)):
    return ReplayClock(wall_anchor_s=wall_s(), market_anchor=NOW, end=NOW + end, speed=speed)


def make_desk(stories=None, **overrides):
    values = {
        "collector": Rounds(REPORT),
        "intake": NewsIntake(stories or MemoryStories(), SymbolLinker([])),
        "judge_new": lambda: 3,
        "clock": clock_at(),
        "interval_s": 300.0,
    }
    return NewsDesk(**values | overrides)


def test_archive_gives_only_what_could_be_read_by_then(tmp_path):
    path, stories = tmp_path / "archive.csv", MemoryStories()
    path.write_text(ARCHIVE)

    make_desk(stories).take_archive(path, until=NOW)

    # readable ten minutes after its publication: at 11:59, 12:05 and the day after
    assert [telling.article.title for telling in stories.tellings] == ["Bitcoin crashes as exchange halts withdrawals"]
    assert stories.tellings[0].article.estimated


def test_round_is_told_in_one_line():
    line = asyncio.run(make_desk().round())

    assert line == "2 new stories, 1 told again, 3 judged; rss:daily ok"


def test_round_that_fails_is_followed_by_the_next_one(monkeypatch):
    monkeypatch.setattr(desk, "_SHORTEST_PAUSE_S", 0.001)
    rounds = Rounds(StorageError("database down"), REPORT, RuntimeError("seen enough"))
    working = make_desk(collector=rounds, clock=clock_at(speed=86_400), interval_s=1.0)

    with pytest.raises(RuntimeError, match="seen enough"):
        asyncio.run(working.run())

    assert rounds.n_rounds == 3


@pytest.mark.parametrize(
    ("speed", "end", "pause_s"),
    [
        (1.0, timedelta(days=30), 300.0),
        (60.0, timedelta(days=30), 5.0),
        (86_400.0, timedelta(days=9_000), 1.0),
        (1.0, timedelta(0), 300.0),
    ],
)
def test_pause_is_the_interval_of_the_market_within_bounds(speed, end, pause_s):
    assert make_desk(clock=clock_at(speed, end)).pause_s() == pytest.approx(pause_s, abs=0.1)
