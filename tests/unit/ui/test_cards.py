import pytest

from candlecast.errors import InsufficientHistoryError, ModelNotReadyError
from candlecast.schemas import CandlePage, Driver, ForecastItem, ForecastResult, Problem, SentimentState
from tests.fakes import make_forecast, make_status, make_wire_candles
from ui import cards

EVIL = "<img src=x onerror=alert(1)>"


def test_forecast_card_says_every_term():
    text = cards.forecast_card(make_forecast(last_close=100.0))

    for term in (
        "Next hour",
        "Up 54.1 %",
        "calibrated",
        "+0.06 %",
        "99.20 – 100.80",
        "98.60 – 101.40",
        "11 Oct 2022 13:00 UTC",
        "11 Oct 2022 12:00 UTC",
        "xgboost · 0a1b2c3d",
        "11 Oct 2022 06:00 UTC",
        "80.4 %",
    ):
        assert term in text


def test_forecast_card_down_gives_the_probability_of_down():
    assert "Down 60.0 %" in cards.forecast_card(make_forecast(direction="down", p_up=0.4))


def test_forecast_card_abstaining_gives_the_reason():
    text = cards.forecast_card(make_forecast(direction="abstain", abstain_reason="too close to a coin"))

    assert "No call" in text
    assert "too close to a coin" in text


def test_forecast_card_without_model_says_why():
    text = cards.forecast_card(ModelNotReadyError("no promoted model for 1h; train one"))

    assert "Model not ready" in text
    assert "no promoted model for 1h; train one" in text


def test_forecast_card_with_unknown_coverage_and_level_says_so():
    forecast = make_forecast(intervals=[])
    forecast = forecast.model_copy(update={"model": forecast.model.model_copy(update={"coverage_recent": None})})

    text = cards.forecast_card(forecast)

    assert "not given" in text
    assert "not known yet" in text


@pytest.mark.parametrize(
    "text",
    [
        cards.forecast_card(make_forecast(direction="abstain", abstain_reason=EVIL)),
        cards.forecast_card(InsufficientHistoryError(EVIL)),
        cards.why_card(make_forecast(drivers=[Driver(feature=EVIL, value=1.0, contribution=0.1)])),
        cards.watch_card([ForecastItem(symbol=EVIL, timeframe="1h")], [ForecastResult()], chosen="", statuses={}),
        cards.title_text(InsufficientHistoryError("none"), EVIL, status=None),
    ],
)
def test_markup_from_outside_is_inert(text):
    assert "<img" not in text
    assert "&lt;img" in text


def test_why_card_scales_bars_to_the_strongest_driver():
    text = cards.why_card(make_forecast())

    assert "rsi 14" in text
    assert "width:100%" in text
    assert "width:67%" in text
    assert "not known" in text


def test_why_card_with_sentiment_gives_score_and_count():
    forecast = make_forecast(sentiment=SentimentState(score=-0.12, n=14, available=True))

    assert "−0.12 · n 14" in cards.why_card(forecast)


def test_why_card_without_forecast_is_empty():
    assert cards.why_card(ModelNotReadyError("none")) == ""


def test_watch_card_marks_the_chosen_and_explains_a_missing_forecast():
    items = [ForecastItem(symbol=name, timeframe="1h") for name in ("BTC/USDT", "AAPL")]
    missing = Problem(title="Insufficient history", status=409, detail="12 candles, needs 600")
    results = [ForecastResult(forecast=make_forecast()), ForecastResult(problem=missing)]

    text = cards.watch_card(items, results, chosen="BTC/USDT", statuses={})

    assert 'data-symbol="BTC/USDT" aria-pressed="true"' in text
    assert 'data-symbol="AAPL" aria-pressed="false"' in text
    assert 'title="12 candles, needs 600"' in text


def test_watch_card_with_failed_call_still_lists_symbols():
    text = cards.watch_card(
        [ForecastItem(symbol="AAPL", timeframe="1d")], ModelNotReadyError("none"), chosen="AAPL", statuses={}
    )

    assert 'data-symbol="AAPL"' in text


def test_watch_card_marks_the_symbols_that_come_from_another_venue_alone():
    items = [ForecastItem(symbol=name, timeframe="1h") for name in ("BTC/USDT", "ETH/USDT")]
    moved = make_status("ETH/USDT", source="kraken:USD", quality="failover")
    statuses = {"BTC/USDT": make_status("BTC/USDT"), "ETH/USDT": moved}

    text = cards.watch_card(items, [ForecastResult()] * 2, chosen="", statuses=statuses)

    buttons = text.split("<button")[1:]
    assert ["cc-detour" in button for button in buttons] == [False, True]
    assert "Newest candle from kraken:USD" in buttons[1]


def test_title_gives_source_and_quality_of_the_newest_candle():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=make_wire_candles(48))

    assert "fake · stream" in cards.title_text(page, "BTC/USDT", status=make_status("BTC/USDT"))


def test_title_gives_the_move_of_a_day():
    candles = make_wire_candles(48)
    change_pct = 100 * (candles[-1].close / candles[-25].close - 1)

    text = cards.title_text(CandlePage(symbol="BTC/USDT", timeframe="1h", candles=candles), "BTC/USDT", status=None)

    assert f"{abs(change_pct):.2f} %" in text
    assert "24 h" in text
