"""Does the head of the chart give the price and the move of a day?"""

from datetime import timedelta

from candlecast.schemas import CandlePage
from tests.fakes import make_price, make_status, make_wire_candles
from ui.dashboard.title import title_text

EVIL = "<img src=x onerror=alert(1)>"


def page_of(n=48, timeframe="1h", step=timedelta(hours=1)):
    return CandlePage(symbol="BTC/USDT", timeframe=timeframe, candles=make_wire_candles(n, step=step))


def test_title_gives_the_live_price_and_its_change():
    text = title_text("BTC/USDT", price=make_price(change_24h_pct=1.5), page=page_of(), status=None)

    for term in ("BTC/USDT", "101.00", "+1.50 %", "24 h", 'data-price-symbol="BTC/USDT"'):
        assert term in text


def test_title_without_a_price_reads_both_from_the_candles():
    page = page_of()
    change_pct = 100 * (page.candles[-1].close / page.candles[-25].close - 1)

    text = title_text("BTC/USDT", price=None, page=page, status=None)

    assert f"{abs(change_pct):.2f} %" in text


def test_title_of_days_compares_to_the_close_before():
    text = title_text("AAPL", price=None, page=page_of(timeframe="1d", step=timedelta(days=1)), status=None)

    assert "since the close before" in text


def test_title_without_candles_is_the_symbol():
    assert "BTC/USDT" in title_text("BTC/USDT", price=None, page=None, status=None)


def test_title_gives_source_and_quality_of_the_newest_candle():
    text = title_text("BTC/USDT", price=None, page=page_of(), status=make_status("BTC/USDT"))

    assert "fake · stream" in text


def test_markup_in_a_symbol_is_inert():
    assert "<img" not in title_text(EVIL, price=None, page=None, status=None)
