import pytest

from tests.fakes import make_status
from ui.origin import detour, origin_mark, origin_text


def status(source: str | None, quality: str | None):
    return make_status("BTC/USDT", venue="binance", source=source, quality=quality)


@pytest.mark.parametrize(("source", "quality"), [("binance", "stream"), ("binance:USD", "rest"), (None, None)])
def test_candle_of_the_home_venue_in_time_is_no_detour(source, quality):
    assert detour(status(source, quality)) is None
    assert origin_mark(status(source, quality)) == ""
    assert "cc-pill" not in origin_text(status(source, quality))


@pytest.mark.parametrize(
    ("source", "quality", "says", "mark"),
    [
        ("kraken:USD", "failover", "another venue than binance, which did not serve it", ">failover<"),
        ("binance", "late", "got well after its close", ">late<"),
        ("binance", "repaired", "filled in or replaced afterwards", ">repaired<"),
        ("yahoo", "rest", "from another venue than binance", ">yahoo<"),
    ],
)
def test_candle_that_took_a_detour_is_a_badge_that_says_why(source, quality, says, mark):
    badge = origin_text(status(source, quality))

    assert "cc-warn" in badge
    assert f"{source} · {quality}" in badge
    assert says in badge
    assert mark in origin_mark(status(source, quality))


def test_source_of_an_unknown_symbol_is_empty():
    assert (origin_text(None), origin_mark(None)) == ("", "")


def test_markup_in_a_source_is_inert():
    text = origin_text(status("<img src=x>", "failover")) + origin_mark(status("<img src=x>", "rest"))

    assert "<img" not in text
