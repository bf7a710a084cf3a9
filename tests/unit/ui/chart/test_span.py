from datetime import UTC, datetime, timedelta

import pytest

from candlecast.schemas import CandlePage
from tests.fakes import NOW, make_wire_candles
from ui.chart.figure import build_figure, opened_at
from ui.chart.span import FEWEST_CANDLES, MOST_CANDLES, Span, length_of

HOUR = timedelta(hours=1)


def test_span_of_two_moments_is_read_from_the_address():
    span = Span.parse("2022-10-01T00:00:00Z~2022-10-03T02:00:00+02:00")

    assert span.bounds(NOW) == (datetime(2022, 10, 1, tzinfo=UTC), datetime(2022, 10, 3, tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "9w", "~", "a~b", "2022-10-01~2022-10-03", "2022-10-03T00:00Z~2022-10-01T00:00Z"])
def test_span_that_makes_no_sense_is_no_wish(text):
    assert Span.parse(text) == Span()
    assert Span.parse(text).bounds(NOW) is None


def test_span_of_a_preset_reaches_back_from_the_newest_candle():
    assert Span.parse("1w").bounds(NOW) == (NOW - timedelta(days=7), NOW)


@pytest.mark.parametrize(
    ("text", "n_candles"),
    [("", FEWEST_CANDLES), ("1w", FEWEST_CANDLES), ("1m", 800), ("1y", MOST_CANDLES)],
)
def test_candles_asked_for_hold_the_span_within_bounds(text, n_candles):
    assert Span.parse(text).n_candles(HOUR, newest=NOW) == n_candles


def test_figure_opens_at_the_wished_times():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=make_wire_candles(300))
    shown = page.candles[50:60]

    figure = opened_at(
        build_figure(page, None, asset_class="crypto"),
        page,
        bounds=(shown[0].open_time, shown[-1].close_time),
        preset="1w",
    )

    layout = figure["layout"]
    assert layout["xaxis"]["range"] == [f"{shown[0].open_time:%F %T}", f"{shown[-1].close_time:%F %T}"]
    assert (layout["meta"]["preset"], layout["meta"]["range_in_address"]) == ("1w", True)


@pytest.mark.parametrize(
    ("timeframe", "length"), [("15m", timedelta(minutes=15)), ("1d", timedelta(days=1)), ("?", HOUR)]
)
def test_length_of_a_timeframe_is_read_from_its_name(timeframe, length):
    assert length_of(timeframe) == length
