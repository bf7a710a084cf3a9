"""Do the lines on the page add up, and is each one scaled and escaped?"""

import re

import pytest

from candlecast.schemas import Driver
from tests.fakes import make_forecast
from ui.dashboard.why_card import why_card

EVIL = "<img src=x onerror=alert(1)>"


def numbers_of(text):
    return [float(told.replace("−", "-")) for told in re.findall(r'cc-num">([+−]?\d+\.\d\d)</span>', text)]


def test_lines_of_the_panel_add_up_to_its_sum():
    *lines, total = numbers_of(why_card(make_forecast()))

    assert len(lines) >= 3
    assert sum(lines) == pytest.approx(total, abs=1e-9)


def test_bars_are_scaled_to_the_strongest_driver():
    drivers = [Driver(feature="rsi_14", value=38.0, contribution=0.06)]
    drivers.append(Driver(feature="gap_return_1", value=-0.7, contribution=-0.04))

    text = why_card(make_forecast(drivers=drivers))

    assert "RSI 38, low" in text
    assert "Did worse than the market in the last hour" in text
    assert "width:100%" in text
    assert "width:67%" in text


def test_forecast_without_drivers_says_so():
    assert "No single feature stands out." in why_card(make_forecast(drivers=[]))


def test_markup_in_a_feature_is_inert():
    text = why_card(make_forecast(drivers=[Driver(feature=EVIL, value=1.0, contribution=0.1)]))

    assert "<img" not in text
    assert "&lt;img" in text
