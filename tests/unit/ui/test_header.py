import json

from candlecast.errors import SourceUnavailableError
from candlecast.schemas import Check, SourceState
from tests.fakes import make_readiness, make_status
from ui import header
from ui.preferences import Preferences
from ui.site import PAGES
from ui.standing import Standing

AGES = {"BTC/USDT": 130.0, "ETH/USDT": 4_000.0}
SOURCES = {name: SourceState(source="binance", quality="stream") for name in AGES}


def value(now, symbol="", *, last=None, **parts):
    return json.loads(header.top_value(Standing(now, last), symbol, **parts))


def test_frame_marks_the_current_page_and_links_relative_to_any_root():
    text = header.frame_text(PAGES[1], PAGES)

    assert '<a href="charts" data-page="c" aria-current="page">Charts</a>' in text
    assert '<a href="./" data-page="d">Dashboard</a>' in text
    assert 'href="/' not in text
    assert text.count("aria-current") == 1
    assert 'data-hears="candle forecast news"' in text


def test_header_before_any_answer_says_connecting():
    assert "Connecting" in header.frame_text(PAGES[0], PAGES)


def test_header_of_recorded_data_gives_badge_age_and_clock():
    told = value(make_readiness(data_age_s=AGES, sources=SOURCES), "ETH/USDT")

    assert "Recorded · binance<" in told["pills"]
    assert ">1 h 06 min</span> old" in told["pills"]
    assert 'data-live="false"' in told["clock"]


def test_header_without_a_symbol_gives_the_age_of_the_freshest():
    assert ">2 min</span> old" in value(make_readiness(data_age_s=AGES, sources=SOURCES))["pills"]


def test_header_of_a_failover_names_it_as_a_warning():
    sources = {"BTC/USDT": SourceState(source="kraken:USD", quality="failover")}

    pills = value(make_readiness(source="live", sources=sources), "BTC/USDT")["pills"]

    assert '<i class="cc-dot cc-warn"></i>Live · kraken:USD · failover' in pills


def test_header_without_answer_says_so_and_leaves_age_and_clock_to_the_page():
    told = value(SourceUnavailableError("gone"))

    assert "No answer" in told["pills"]
    assert 'data-state="failed"' in told["pills"]
    assert "data-since-ms" not in told["pills"]
    assert "clock" not in told


def test_header_of_a_slow_answer_says_so_and_shows_what_was_said_before():
    told = value(SourceUnavailableError("too late"), "BTC/USDT", last=make_readiness(data_age_s=AGES, sources=SOURCES))

    assert '<i class="cc-dot cc-warn"></i>Recorded · binance · slow<' in told["pills"]
    assert 'data-state="failed" title="too late"' in told["pills"]
    assert ">2 min</span> old" in told["pills"]
    assert "clock" in told


def test_header_offers_symbols_to_search_and_the_look_of_the_reader():
    told = value(make_readiness(), symbols=[make_status("AAPL")], preferences=Preferences(theme="light"))

    assert told["symbols"] == [["AAPL", "fake · stock"]]
    assert told["look"]["theme"] == "light"


def test_markup_in_a_source_is_inert():
    sources = {"BTC/USDT": SourceState(source="<img src=x>", quality="stream")}

    assert "<img" not in value(make_readiness(sources=sources))["pills"]


def test_banner_of_a_ready_live_service_is_empty():
    assert header.banner_text(make_readiness(source="live", banner=None)) == ""


def test_banner_names_failing_checks_and_escapes_them():
    readiness = make_readiness(ready=False, banner=None, checks=[Check(name="model", ok=False, detail="<b>none</b>")])

    text = header.banner_text(readiness)

    assert "Not ready yet. model: &lt;b&gt;none&lt;/b&gt;" in text


def test_banner_of_a_service_that_works_with_less_names_what_is_missing():
    readiness = make_readiness(banner=None, checks=[Check(name="redis", ok=False, detail="down: slower")])

    assert "Works, but: redis: down: slower" in header.banner_text(readiness)


def test_banner_of_a_missing_service_is_its_error():
    assert "gone" in header.banner_text(SourceUnavailableError("gone"))


def test_foot_links_to_the_method():
    assert "Not financial advice" in header.FOOT
    assert 'href="track-record"' in header.FOOT
