"""Does the gauge take a side only where there is news?"""

from datetime import timedelta

import pytest

from candlecast.schemas import SentimentPoint
from tests.fakes import NOW, make_sentiment
from ui.dashboard.sentiment_card import MIN_STORIES, mood, sentiment_card


def test_gauge_gives_score_words_count_and_place():
    text = sentiment_card(make_sentiment(score=-0.12, n=14))

    for term in ("−0.12", "slightly bearish · n 14", "left:44.0%", 'aria-valuenow="-0.12"', "24h", "−0.05", "−0.10"):
        assert term in text


@pytest.mark.parametrize(("n", "score"), [(0, None), (MIN_STORIES - 1, 0.9)])
def test_gauge_with_too_few_stories_takes_no_side(n, score):
    text = sentiment_card(make_sentiment(score=score, n=n, trend=None, surprise=None))

    assert "Not enough news" in text
    assert "cc-gauge" not in text
    assert "bullish" not in text


def test_history_is_drawn_with_gaps_where_no_story_was():
    scores = [0.1, 0.2, None, -0.4, -0.5]
    points = [
        SentimentPoint(at=NOW - timedelta(hours=6 * (len(scores) - place)), score=score, n=0 if score is None else 4)
        for place, score in enumerate(scores)
    ]

    text = sentiment_card(make_sentiment(history=points))

    assert text.count("M", text.index('<path d="')) == 2
    assert "the score over the last 1 days" in text
    assert "<svg" not in sentiment_card(make_sentiment(history=points[2:4]))


@pytest.mark.parametrize(
    ("score", "says"),
    [(0.0, "neutral"), (0.2, "slightly bullish"), (-0.5, "bearish"), (1.0, "very bullish"), (-1.0, "very bearish")],
)
def test_mood_puts_a_score_into_words(score, says):
    assert mood(score) == says
