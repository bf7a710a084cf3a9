"""Is what is stored of an item plain, dated honestly and short, and the rest refused?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.news.articles import Article
from candlecast.news.cleaning import Refusal, clean_item
from tests.news_builders import NOW, make_item

MINUTE = timedelta(minutes=1)


def test_sound_item_becomes_an_article():
    item = make_item(
        "Bitcoin &amp; Ether rise", source=" <b>Daily</b> News ", summary="<p>Both.</p>", codes=("btc", "BTC")
    )

    article = clean_item(item, known_at=NOW + MINUTE)

    assert article == Article(
        feed="rss:daily",
        source="Daily News",
        url=item.url,
        url_hash=article.url_hash,
        title="Bitcoin & Ether rise",
        summary="Both.",
        published_at=NOW,
        known_at=NOW + MINUTE,
        estimated=False,
        codes=("BTC",),
    )


def test_links_that_differ_in_tracking_have_one_hash():
    plain, tracked = (
        clean_item(make_item(url=f"https://a.example/x{tail}"), known_at=NOW) for tail in ("", "?utm_medium=rss#f")
    )

    assert plain.url_hash == tracked.url_hash
    assert len(plain.url_hash) == 64


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": ""}, "no_title"),
        ({"title": "<script>Bitcoin</script>"}, "no_title"),
        ({"title": "… --- \u200b"}, "no_title"),
        ({"url": "javascript:alert(1)"}, "bad_url"),
        ({"url": "https://a.example/" + "x" * 5_000_000}, "bad_url"),
        ({"published_at": NOW + 6 * MINUTE}, "future"),
        ({"published_at": datetime.max.replace(tzinfo=UTC)}, "future"),
        ({"published_at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=12)))}, "future"),
    ],
)
def test_unsound_item_is_refused_with_the_reason(changes, reason):
    assert clean_item(make_item(**changes), known_at=NOW) == Refusal(reason)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (NOW + 5 * MINUTE, NOW),
        (NOW - MINUTE, NOW - MINUTE),
        (datetime(2022, 5, 10, 13, 0, tzinfo=timezone(timedelta(hours=2))), NOW - 60 * MINUTE),
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), None),
        (NOW.replace(tzinfo=None), None),
        (None, None),
    ],
)
def test_published_at_is_never_after_known_at(given, stored):
    assert clean_item(make_item(published_at=given), known_at=NOW).published_at == stored


def test_outlet_without_a_name_is_called_by_its_host():
    assert clean_item(make_item(source=" ", url="https://www.a.example/x"), known_at=NOW).source == "www.a.example"


def test_codes_that_are_no_tickers_are_dropped():
    codes = ("BTC", "<b>", "x" * 16, "", "brk.b", "ü", *(f"C{i}" for i in range(100)))

    cleaned = clean_item(make_item(codes=codes), known_at=NOW).codes

    assert cleaned[:2] == ("BTC", "BRK.B")
    assert len(cleaned) == 20


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.none() | st.datetimes(timezones=st.just(UTC))
)
def test_any_item_is_stored_within_the_limits_or_refused(title, url, summary, published_at):
    item = make_item(title, url=f"https://a.example/{url}", summary=summary, published_at=published_at)

    article = clean_item(item, known_at=NOW)

    if isinstance(article, Article):
        assert 1 <= len(article.title) <= 300
        assert len(article.summary) <= 1_000
        assert article.published_at is None or article.published_at <= article.known_at
        # cleaning is settled: what is stored would be stored again
        again = replace(item, title=article.title, url=article.url, summary=article.summary)
        assert clean_item(again, known_at=NOW) == article
