"""Is what cannot be reached told from what is not used?"""

import pytest

from candlecast.doctor.sources import look_at_feeds, look_at_replay, look_at_venues
from candlecast.settings import Settings
from tests.loopback import free_port

NOBODY = f"http://127.0.0.1:{free_port()}"


def settings(**groups):
    return Settings(_env_file=None, **groups)


def test_what_is_not_used_is_skipped():
    recorded = settings(market={"source": "recorded"}, news={"enabled": False})

    assert look_at_replay(recorded, timeout_s=2).verdict == "skipped"
    assert look_at_venues(recorded, timeout_s=2).verdict == "skipped"
    assert look_at_feeds(recorded, timeout_s=2).verdict == "skipped"


def test_venues_that_are_all_silent_say_offline_and_how_to_go_on():
    found = look_at_venues(settings(market={"source": "live", "venue_url": NOBODY}), timeout_s=5)

    assert found.verdict == "broken"
    assert found.detail.startswith("no venue answers, this machine may be offline: binance fails (")
    assert "--source recorded" in found.mend


def test_feeds_that_do_not_answer_are_a_warning_with_the_reason():
    found = look_at_feeds(settings(news={"feed_url": NOBODY, "rss": "times=https://times.example/rss"}), timeout_s=5)

    assert found.verdict == "warning"
    assert "0 of 1 answer" in found.detail
    assert "rss:times does not answer (ConnectError)" in found.detail


def test_feed_inside_the_network_is_told_with_the_setting_that_allows_it():
    found = look_at_feeds(settings(news={"rss": f"own={NOBODY}/rss"}), timeout_s=5)

    assert found.verdict == "warning"
    assert "CANDLECAST_NEWS__PRIVATE_HOSTS" in found.detail


def test_feed_whose_pages_are_counted_is_not_asked(monkeypatch):
    monkeypatch.setattr("candlecast.news.feeds.vendor.VendorFeed.fetch", lambda _self: pytest.fail("it was asked"))

    found = look_at_feeds(settings(news={"feeds": "newsapi", "newsapi_key": "k" * 20}), timeout_s=5)

    assert (found.verdict, found.detail) == ("ok", "0 of 0 answer; newsapi not asked, because that costs budget")
