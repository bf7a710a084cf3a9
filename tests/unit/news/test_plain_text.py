"""Does hostile text become plain, once and for all, at little cost?"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.news.plain_text import plain_text

MARKUP = st.lists(
    st.sampled_from(
        [*"<>&;/#x3C\"' ab", "&lt;", "&amp;", "script", "<b>", "</p>", "&#60;", "\u200b", "\ud800", "\x00"]
    ),
    max_size=60,
).map("".join)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("AT&T <3 S&P 500", "AT&T <3 S&P 500"),
        ("Q&amp;A: 5 &lt; 6", "Q&A: 5 < 6"),
        ("<script>alert(1)</script>Bitcoin<style>p{}</style> up", "Bitcoin up"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Bitcoin", "Bitcoin"),
        ("&lt;img src=x onerror=alert(1)&gt;Bitcoin", "Bitcoin"),
        ("&l\u200bt;script&g\u200bt;alert(1)", ""),
        ("<p>one</p><p>two</p>three<br/>four", "one two three four"),
        ("Bit<b>coin</b> rises", "Bitcoin rises"),
        ("a\x00b\x1bc\u202ed\u2066e\ufefff", "abcdef"),
        (" one\t\n\u00a0two\u2028three ", "one two three"),
        ("\u3164\u2800\U000e0041", ""),
        ("\ud800Bitcoin\udfff", "Bitcoin"),
        ("Bitcoin 🚀 café 比特币", "Bitcoin 🚀 café 比特币"),
        ("", ""),
    ],
)
def test_text_with_markup_and_unseen_letters_becomes_plain(raw, text):
    assert plain_text(raw, limit=300) == text


@settings(max_examples=60, deadline=None)
@given(MARKUP | st.text(max_size=80))
def test_any_text_cleaned_again_stays_the_same(raw):
    once = plain_text(raw, limit=30)

    assert plain_text(once, limit=30) == once
    assert len(once) <= 30
    assert "<script" not in once
    once.encode()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("one two three four", "one two…"),
        ("one twoXXXXX three", "one twoXX…"),
        ("one two th", "one two th"),
        ("one twoab three", "one twoab…"),
    ],
)
def test_long_text_is_cut_after_a_word_unless_it_is_endless(raw, text):
    assert plain_text(raw, limit=10) == text


def test_text_escaped_without_end_is_nothing():
    assert plain_text("&" + "amp;" * 50 + "lt;b&gt;Bitcoin", limit=300) == ""


@pytest.mark.parametrize("unit", ["x", "<", "&amp;", "<div>", "\u200b", "&#60;"])
def test_megabytes_of_text_cost_no_second(unit):
    raw = unit * (5_000_000 // len(unit))

    began = time.process_time()
    text = plain_text(raw, limit=300)

    assert time.process_time() - began < 0.5
    assert len(text) <= 300
