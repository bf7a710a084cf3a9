import gzip
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol
from candlecast.news.articles import FedItem
from candlecast.news.cleaning import Refusal, clean_item
from candlecast.news.linking import SymbolLinker
from candlecast.replay.headline_texts import OUTLETS
from candlecast.replay.headlines import Headlines, load_headlines, make_headlines, slug

START = datetime(2021, 1, 4, tzinfo=UTC)
END = START + timedelta(days=10)
SYMBOLS = ["BTC/USDT", "AAPL", "SYN001/USDT"]


@pytest.fixture(scope="module")
def headlines():
    return make_headlines(SYMBOLS, START, END, seed=1)


def test_headlines_of_one_seed_are_the_same_and_of_another_are_not(headlines):
    assert make_headlines(SYMBOLS, START, END, seed=1) == headlines
    assert make_headlines(SYMBOLS, START, END, seed=2) != headlines


def test_headlines_lie_in_their_span_and_ascend(headlines):
    times = [item.published_at for item in headlines.items]

    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < END


def test_headlines_can_be_stored_and_name_what_they_are_about(headlines):
    linker = SymbolLinker(map(Symbol.parse, SYMBOLS))

    for item in headlines.items:
        article = clean_item(item, known_at=END)
        assert not isinstance(article, Refusal)
        linked = linker.link(article.title) or linker.link(article.summary)
        assert [name.partition("/")[0] for name in linked] == list(item.codes)


def test_story_is_told_by_several_outlets_in_their_own_words(headlines):
    outlets = {item.source for item in headlines.items if item.codes == ("BTC",)}
    tellings = [item for item in headlines.items if item.codes == ("BTC",)]

    assert outlets == set(OUTLETS["crypto"])
    assert 40 < len(tellings) < 121
    assert len({item.title for item in tellings}) > 40
    assert len({item.url for item in headlines.items}) == len(headlines.items)


def test_headlines_of_many_symbols_are_bounded(monkeypatch):
    monkeypatch.setattr("candlecast.replay.headlines.MOST_STORIES", 40)

    many = make_headlines([f"SYN{n:03}/USDT" for n in range(1, 21)], START, END, seed=1)

    assert 40 <= len(many.items) <= 3 * 40


@pytest.mark.parametrize(("end", "every_s"), [(START, 60.0), (END, 0.0)])
def test_headlines_of_no_time_at_all_are_refused(end, every_s):
    with pytest.raises(InvalidRequestError, match="an end after their start and a distance above 0 s"):
        make_headlines(SYMBOLS, START, end, seed=1, story_every_s=every_s)


def test_headlines_of_a_file_are_those_with_a_date(tmp_path):
    path = tmp_path / "news.csv.gz"
    path.write_bytes(
        gzip.compress(
            b"published_at,title,source,url\n"
            b"2021-01-05T00:00:00Z,Second,Times,https://times.example/2\n"
            b",Undated,Times,https://times.example/3\n"
            b"2021-01-04T00:00:00Z,First,Times,https://times.example/1\n"
        )
    )

    headlines = load_headlines(path)

    assert [item.title for item in headlines.items] == ["First", "Second"]
    assert headlines.items[0].published_at == START


def test_file_without_dated_headlines_is_refused(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text("published_at,title\n,Undated\n")

    with pytest.raises(InvalidRequestError, match=r"news\.csv holds no dated headline"):
        load_headlines(path)


def test_headlines_are_put_in_order():
    late, early = (FedItem("file", "T", "", text, published_at=moment) for text, moment in (("b", END), ("a", START)))

    assert Headlines.of("two", [late, FedItem("file", "T", "", "undated"), early]).items == (early, late)


def test_slug_is_what_addresses_hold():
    assert [slug(text) for text in ("Yahoo Finance", "It's 5%!", "…")] == ["yahoo-finance", "it-s-5", ""]
