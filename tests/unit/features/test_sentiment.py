import numpy as np
import pandas as pd

from candlecast.features.sentiment import NEWS_FEATURE_NAMES, news_terms
from candlecast.sentiment.aggregate import Stories

HOUR_US = 3_600_000_000
CLOSES = pd.date_range("2022-03-01", periods=48, freq="h", tz="UTC")


def told_at(hour: int, score: float) -> Stories:
    moment = np.array([int(CLOSES[hour].timestamp() * 1e6)], dtype=np.int64)
    return Stories(moment, moment, np.array([score]))


def test_news_terms_have_the_named_columns_of_one_row_a_close():
    terms = news_terms(told_at(5, 0.5), CLOSES)

    assert tuple(terms) == NEWS_FEATURE_NAMES
    assert {column.shape for column in terms.values()} == {(48,)}


def test_news_terms_before_the_first_story_are_missing_and_say_so():
    terms = news_terms(told_at(5, 0.5), CLOSES)

    assert np.isnan([terms[name][4] for name in NEWS_FEATURE_NAMES[:-1]]).all()
    assert terms["news_known"][[4, 5]].tolist() == [0.0, 1.0]


def test_news_terms_at_the_close_that_knew_the_story_hold_it():
    terms = news_terms(told_at(5, -0.5), CLOSES)

    assert terms["news_score"][5] == -0.5
    assert terms["news_negative_share"][5] == 1.0
    assert np.isclose(terms["news_count"][5], np.log(2))


def test_news_terms_of_a_silent_day_count_zero_without_a_score():
    terms = news_terms(told_at(5, 0.5), CLOSES)

    assert terms["news_count"][40] == 0.0
    assert np.isnan(terms["news_score"][40])
