"""Are links that deceive refused, and those that differ in tracking alone the same?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.news.links import MAX_URL, clean_link


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://a.example/x?utm_source=rss&id=2&fbclid=9#top", "https://a.example/x?id=2"),
        ("https://a.example/x?mtm_campaign=a&gclid=1", "https://a.example/x"),
        (" HTTP://A.Example:80/X ", "http://a.example/X"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://a.example/<b>?q=\"'", "https://a.example/%3Cb%3E?q=%22'"),
        ("https://a.example/ü?q=%20", "https://a.example/%C3%BC?q=%20"),
        ("https://[::1]/x", "https://[::1]/x"),
    ],
)
def test_link_of_the_web_gets_its_one_spelling(raw, url):
    assert clean_link(raw).url == url


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://a.example",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://a.example/x",
        "//a.example/x",
        "/x",
        "https:///x",
        "https://user:secret@a.example/",
        "https://a.example@evil.example/",
        "https://a.example\\@evil.example/",
        "https://a.example/x y",
        "https://a.exa\tmple/",
        "https://a.example:99999/",
        "https://[bad/",
        "https://a.example/\u202egnp.exe",
        "https://\ud800/",
        "https://<b>/",
        "https://a.example/" + "x" * MAX_URL,
        "https://a.example/" + "ü" * (MAX_URL // 4),
    ],
)
def test_link_that_leads_elsewhere_or_nowhere_is_refused(raw):
    assert clean_link(raw) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40).map("https://a.example/".__add__) | st.text(max_size=40))
def test_any_link_cleaned_again_stays_the_same(raw):
    link = clean_link(raw)

    if link is not None:
        assert clean_link(link.url) == link
        assert link.url.startswith(("http://", "https://"))
