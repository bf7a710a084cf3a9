"""Is news taken only where there is enough of it to learn from?"""

from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.news import MIN_NEWS_CANDLES, PanelNews, objection_to_news
from candlecast.models.rows import collect_rows
from tests.builders import make_candles, make_stories
from tests.trained import small_panel

BY = ("lexicon", "1")
LONG = make_candles(MIN_NEWS_CANDLES + 400)


def test_news_over_ninety_days_of_hourly_candles_are_taken():
    assert objection_to_news({"BTC/USDT": LONG}, PanelNews({"BTC/USDT": make_stories(LONG)}, BY)) is None


def test_news_of_a_few_weeks_are_refused_with_the_figures():
    few = make_stories(LONG.iloc[-500:])

    objection = objection_to_news({"BTC/USDT": LONG, "ETH/USDT": LONG}, PanelNews({"ETH/USDT": few}, BY))

    assert "days at best (ETH/USDT)" in objection
    assert "2,160 on 90" in objection


def test_news_on_many_short_candles_of_a_few_days_are_refused():
    minutes = make_candles(5_000, timeframe="1m")

    assert "on 4 days" in objection_to_news({"BTC/USDT": minutes}, PanelNews({"BTC/USDT": make_stories(minutes)}, BY))


def test_panel_news_of_a_symbol_without_any_are_none():
    assert len(PanelNews({}, BY).of("BTC/USDT").score) == 0


def test_rows_with_news_hold_its_columns_for_every_symbol():
    panel = small_panel()
    news = PanelNews({"BTC/USDT": make_stories(panel["BTC/USDT"])}, BY)

    rows, _ = collect_rows(panel, timeframe="1h", horizon=1, news=news)

    assert rows.feature_names == FEATURE_NAMES + NEWS_FEATURE_NAMES
    assert rows.scored_by == BY
    known = rows.features[:, -1]
    assert known[rows.symbol == 0].max() == 1.0
    assert known[rows.symbol == 1].max() == 0.0
