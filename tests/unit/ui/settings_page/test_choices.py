from candlecast.errors import SourceUnavailableError
from tests.fakes.market import make_status
from ui.preferences import Preferences
from ui.settings_page.choices import refresh_choices, symbol_choices, timeframe_choices, zone_choices

GONE = SourceUnavailableError("no API")


def test_refresh_choices_reach_from_ten_seconds_to_an_hour_and_hold_an_unusual_one():
    assert [seconds for _, seconds in refresh_choices(42)] == [10, 30, 42, 60, 120, 300, 900, 1_800, 3_600]
    assert dict((seconds, text) for text, seconds in refresh_choices(300))[300] == "5 min"


def test_zone_choices_begin_with_utc_and_the_browsers_own():
    zones = [zone for _, zone in zone_choices()]

    assert zones[:2] == ["UTC", ""]
    assert "Europe/Zurich" in zones


def test_symbol_choices_hold_what_is_watched_while_the_api_is_away():
    assert symbol_choices(GONE, Preferences(watchlist=("ETH/USDT",))) == ["ETH/USDT"]
    assert symbol_choices([make_status("BTC/USDT")], Preferences(watchlist=("OLD",))) == ["BTC/USDT", "OLD"]


def test_timeframe_choices_are_those_of_the_charts():
    statuses = [make_status("BTC/USDT", chart_timeframes=["1h", "4h"])]

    assert [frame for _, frame in timeframe_choices(statuses, Preferences())] == ["", "1h", "4h"]
    assert [frame for _, frame in timeframe_choices(GONE, Preferences(timeframe="1d"))] == ["", "1d"]
