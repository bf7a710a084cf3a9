from datetime import timedelta

import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.news.articles import FedItem
from candlecast.replay.faults import board as board_module
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.script import parse_script
from candlecast.replay.headlines import Headlines
from candlecast.replay.synthetic import FIRST_OPEN
from candlecast.replay.wire.newsroom import Newsroom
from tests.builders import make_frozen_clock

N = 40


def make_item(number, source="Times"):
    moment = FIRST_OPEN + timedelta(hours=number)
    return FedItem("file", source, f"https://t.example/{number}", f"Headline {number}", published_at=moment)


def make_newsroom(*faults, hours=10.5, clock=None):
    clock = clock or make_frozen_clock(FIRST_OPEN + timedelta(hours=hours), FIRST_OPEN + timedelta(days=9))
    board = FaultBoard(clock)
    board.load(parse_script(list(faults), symbols=()))
    items = [make_item(number, "Times" if number % 2 else "The Post") for number in range(N)]
    return Newsroom(Headlines.of("test", items), clock, board)


def numbers(shown):
    return [int(one.item.title.split()[1]) for one in shown]


def test_page_shows_what_was_published_newest_first():
    newsroom = make_newsroom()

    assert numbers(newsroom.page("newsapi", size=4)) == [10, 9, 8, 7]
    assert numbers(newsroom.page("newsapi", size=4, page=3)) == [2, 1, 0]
    assert newsroom.page("newsapi", size=4, page=4) == []
    assert newsroom.n_published("newsapi") == 11


def test_page_at_the_very_time_of_publication_shows_it():
    assert numbers(make_newsroom(hours=5).page("rss", size=1)) == [5]


def test_page_of_an_outlet_shows_its_own():
    assert numbers(make_newsroom().page("rss", size=3, outlet="the-post")) == [10, 8, 6]


def test_page_of_an_outlet_that_is_not_recorded_shows_the_same_share_always():
    newsroom = make_newsroom(hours=N)

    first = numbers(newsroom.page("rss", size=N, outlet="herald"))

    assert 3 < len(first) < 30
    assert numbers(newsroom.page("rss", size=N, outlet="herald")) == first
    assert numbers(newsroom.page("rss", size=N, outlet="mirror")) != first


def test_number_of_a_headline_is_the_same_on_every_page():
    newsroom = make_newsroom()

    [newest] = newsroom.page("cryptopanic", size=1)
    [post] = newsroom.page("rss", size=1, outlet="the-post")

    assert newest.number == post.number == 11


def test_empty_page_is_one_venue_alone():
    newsroom = make_newsroom({"kind": "empty", "venue": "rss"})

    assert newsroom.page("rss", size=4) == []
    assert len(newsroom.page("newsapi", size=4)) == 4


def test_frozen_page_stays_as_it_was_when_the_fault_began(monkeypatch):
    clock = ReplayClock(wall_s() - 10, FIRST_OPEN, FIRST_OPEN + timedelta(days=9), 3_600.0)
    board = FaultBoard(clock)
    newsroom = Newsroom(Headlines.of("test", map(make_item, range(N))), clock, board)

    with monkeypatch.context() as past:
        past.setattr(board_module, "wall_s", lambda: wall_s() - 4.5)
        board.load(parse_script([{"kind": "freeze", "venue": "rss"}], symbols=()))
    frozen, running = (numbers(newsroom.page(venue, size=1)) for venue in ("rss", "newsapi"))

    assert (frozen, running) == ([5], [10])


def test_huge_title_is_that_of_the_newest_item():
    first, second = make_newsroom({"kind": "huge_title", "size_mb": 0.5}).page("rss", size=2)

    assert len(first.item.title) == pytest.approx(500_000, abs=20)
    assert second.item.title == "Headline 9"


def test_item_of_the_future_is_the_newest_one_with_another_date():
    first, second = make_newsroom({"kind": "future", "ahead_s": 7_200}).page("rss", size=2)

    assert first.item.published_at == FIRST_OPEN + timedelta(hours=12)
    assert first.item.url == "https://t.example/10"
    assert second.item == make_item(9)
