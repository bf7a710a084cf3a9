"""Is it said of the news feeds as a whole what is true of each?"""

import pytest

from candlecast.readiness import news_check
from candlecast.schemas import FeedState

OK, SKIPPED = FeedState(state="ok"), FeedState(state="skipped", reason="set NEWSAPI_KEY to use it")
DOWN = FeedState(state="failing", reason="does not answer")


@pytest.mark.parametrize(
    ("feeds", "ok", "detail"),
    [
        ({}, False, "nobody collects news yet: forecasts go without it"),
        ({"rss:a": OK, "newsapi": SKIPPED}, True, "1 of 2 feeds answer"),
        ({"rss:a": OK, "rss:b": DOWN}, True, "1 of 2 feeds answer; failing: rss:b (does not answer)"),
        ({"rss:b": DOWN}, False, "0 of 1 feeds answer; failing: rss:b (does not answer)"),
    ],
)
def test_news_check_counts_feeds_and_names_those_that_fail(feeds, ok, detail):
    check = news_check(feeds)

    assert (check.name, check.ok, check.detail) == ("news", ok, detail)
