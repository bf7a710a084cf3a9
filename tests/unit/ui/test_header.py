from candlecast.errors import SourceUnavailableError
from candlecast.schemas import Check
from tests.fakes import NOW, make_readiness
from ui import header


def test_header_before_any_answer_says_connecting():
    assert "Connecting" in header.header_text(None, newest_candle=None)


def test_header_of_recorded_data_gives_badge_age_and_clock():
    text = header.header_text(make_readiness(), newest_candle=NOW)

    assert "Recorded" in text
    assert ">2 min</span> old" in text
    assert f'data-since-ms="{1665489600000}"' in text
    assert 'data-live="false"' in text


def test_header_without_answer_keeps_the_age_counting():
    text = header.header_text(SourceUnavailableError("gone"), newest_candle=NOW)

    assert "No answer" in text
    assert "data-since-ms" in text


def test_banner_of_a_ready_live_service_is_empty():
    assert header.banner_text(make_readiness(source="live", banner=None), notice=None) == ""


def test_banner_names_failing_checks_and_escapes_them():
    readiness = make_readiness(ready=False, banner=None, checks=[Check(name="model", ok=False, detail="<b>none</b>")])

    text = header.banner_text(readiness, notice="symbol 'X' is not tracked")

    assert "Not ready yet. model: &lt;b&gt;none&lt;/b&gt;" in text
    assert text.index("is not tracked") < text.index("Not ready")


def test_banner_of_a_missing_service_is_its_error():
    assert "gone" in header.banner_text(SourceUnavailableError("gone"), notice=None)
