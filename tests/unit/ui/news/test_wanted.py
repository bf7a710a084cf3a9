import pytest

from candlecast.queries import NewsFilter
from ui.address import Address
from ui.news.wanted import MOST_PAGES, WantedNews

FULL = "symbol=BTC%2FUSDT&source=A+%26+B&label=positive&min=-0.2&max=0.9&text=etf+inflow&pages=3"


def wanted(query: str) -> WantedNews:
    return WantedNews.of(Address.parse(query))


def test_address_is_read_and_written_back_as_it_was():
    found = wanted(FULL)

    assert wanted(found.query()) == found
    assert found.filter("1-2") == NewsFilter(
        symbol="BTC/USDT",
        source="A & B",
        label="positive",
        min_score=-0.2,
        max_score=0.9,
        text="etf inflow",
        cursor="1-2",
    )
    assert found.narrowed
    assert not wanted("pages=2&other=1").narrowed


@pytest.mark.parametrize(
    "query", ["label=bullish", "min=2", "max=nan", "min=x", "pages=0", "pages=-1", "pages=x", "text=%00", "pages=9999"]
)
def test_nonsense_in_the_address_counts_as_absent(query):
    assert wanted(query) == WantedNews()


def test_pages_and_text_are_bounded():
    assert wanted("pages=999").pages == MOST_PAGES
    assert len(wanted("text=" + "a" * 180).text or "") == 100


def test_lists_of_other_lengths_are_about_the_same():
    assert wanted(FULL).about == wanted(FULL.replace("pages=3", "pages=4")).about
    assert wanted(FULL).about != wanted("symbol=ETH%2FUSDT").about
