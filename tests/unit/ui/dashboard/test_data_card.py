"""Is every fault of the data told, and nothing made up?"""

from candlecast.errors import SourceUnavailableError
from candlecast.schemas import Check, FeedState
from tests.fakes import make_readiness, make_status
from ui.dashboard.data_card import data_card
from ui.dashboard.facts import DataState

GONE = SourceUnavailableError("no API")
EVIL = "<img src=x onerror=alert(1)>"


def test_data_in_order_gives_source_age_and_feeds():
    readiness = make_readiness(feeds={"rss:a": FeedState(state="ok"), "rss:b": FeedState(state="skipped")})

    text = data_card(DataState([make_status("BTC/USDT"), make_status("ETH/USDT")], readiness, gaps={"BTC/USDT": 0}))

    for term in ("fake 2", "BTC", "ETH", "2 min", "1 of 1 answer", "all checks pass"):
        assert term in text
    assert "cc-warn" not in text


def test_faults_are_named():
    readiness = make_readiness(
        checks=[Check(name="drift", ok=False, detail="loss rose")],
        feeds={"rss:a": FeedState(state="failing", reason="timed out")},
    )
    statuses = [
        make_status("BTC/USDT", source="kraken:USD", quality="failover"),
        make_status("NEW/USDT", newest_candle=None, data_age_s=None, source=None, quality=None),
    ]

    text = data_card(DataState(statuses, readiness, gaps={"BTC/USDT": 3}))

    for term in ("3 missing", "failover", "no candle yet", "0 of 1 answer", "rss:a: timed out", "drift: loss rose"):
        assert term in text
    assert "1 failing" in text


def test_what_is_not_known_is_left_out():
    text = data_card(DataState(GONE, GONE, gaps={}))

    assert "Nothing is known of the data." in text
    assert "not known" in text


def test_markup_from_outside_is_inert():
    readiness = make_readiness(
        checks=[Check(name=EVIL, ok=False, detail=EVIL)], feeds={EVIL: FeedState(state="failing", reason=EVIL)}
    )
    text = data_card(DataState([make_status(EVIL, source=EVIL, quality="rest")], readiness, gaps={}))

    assert "<img" not in text
