"""Does each line of the watchlist say what is known of its symbol?"""

from tests.fakes import make_forecast, make_price, make_status
from ui.dashboard.facts import Watched
from ui.dashboard.watch_card import watch_card

EVIL = "<img src=x onerror=alert(1)>"


def line(symbol="BTC/USDT", **overrides):
    return Watched(symbol, **({"closes": (1.0, 2.0, 3.0)} | overrides))


def test_line_gives_price_change_call_and_way():
    full = line(
        status=make_status("BTC/USDT"), price=make_price(change_24h_pct=-0.95), forecast=make_forecast(p_up=0.541)
    )

    text = watch_card([full], chosen="BTC/USDT")

    for term in ("BTC", "/USDT", "101.00", "−0.95 %", "▲ 54.1 %", 'class="cc-spark cc-down"', "P(up) 54.1 %"):
        assert term in text
    assert 'data-price-symbol="BTC/USDT"' in text
    assert 'data-go="symbol=BTC%2FUSDT"' in text


def test_chosen_line_is_pressed_and_a_missing_forecast_explained():
    missing = line("AAPL", problem="12 candles, needs 600")

    text = watch_card([line(), missing], chosen="BTC/USDT")

    assert 'data-symbol="BTC/USDT" data-go="symbol=BTC%2FUSDT" aria-pressed="true"' in text
    assert 'data-symbol="AAPL" data-go="symbol=AAPL" aria-pressed="false"' in text
    assert 'title="12 candles, needs 600"' in text


def test_line_without_price_falls_back_to_its_last_close_and_then_to_a_dash():
    assert ">3.0000<" in watch_card([line()], chosen="")
    assert "no price known" in watch_card([line(closes=())], chosen="")


def test_symbols_from_another_venue_alone_are_marked():
    moved = make_status("ETH/USDT", source="kraken:USD", quality="failover")

    text = watch_card([line(status=make_status("BTC/USDT")), line("ETH/USDT", status=moved)], chosen="")

    buttons = text.split("<button")[1:]
    assert ["cc-detour" in button for button in buttons] == [False, True]
    assert "Newest candle from kraken:USD" in buttons[1]


def test_markup_in_a_symbol_or_problem_is_inert():
    text = watch_card([line(EVIL, problem=EVIL)], chosen="")

    assert "<img" not in text
