from datetime import timedelta

from tests.fakes import NOW, make_readiness
from ui import live

NOW_MS = 1_665_489_600_000


def test_age_carries_its_moment_and_first_words():
    assert live.age(NOW, seconds=61) == f'<span data-since-ms="{NOW_MS}">1 min</span>'


def test_countdown_carries_its_target():
    assert f'data-until-ms="{NOW_MS + 3_600_000}"' in live.countdown(NOW + timedelta(hours=1))


def test_market_clock_tells_whether_the_market_is_live():
    text = live.market_clock(make_readiness(source="live", market_time=NOW))

    assert f'data-market-ms="{NOW_MS}" data-live="true"' in text
    assert "2022-10-11 12:00:00 UTC" in text


def test_moment_is_readable_without_script_and_carries_its_time():
    assert live.moment(NOW) == '<time class="cc-time" datetime="2022-10-11T12:00:00Z">11 Oct 2022 12:00 UTC</time>'
