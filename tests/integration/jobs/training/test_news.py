"""Is a model trained on news where there is enough of it, and does it say what it learned from?"""

from datetime import timedelta

import pytest

from candlecast.bootstrap import open_database, open_forecasts, open_market
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.ingest.loader import Loader
from candlecast.market.calendars import to_times
from candlecast.storage.postgres.models import ModelStore
from jobs.training.in_process import train_model
from jobs.training.news import read_news
from tests.builders import make_small_recording, make_stories
from tests.integration.news_stored import ENGINE, VERSION, store_news
from tests.integration.world import HOUR, market_at
from tests.trained import SMALL_PARAMS

PAIR = "BTC/USDT"
N_CANDLES = 2_400


@pytest.fixture(scope="module")
def recording():
    return make_small_recording([PAIR], N_CANDLES)


@pytest.fixture
def settings(database, postgres, recording, tmp_path):
    """The market a third into the newest candle's successor, nothing stored yet."""
    now = recording.end - 10 * HOUR + HOUR / 3
    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        yield settings


def tell(database, recording, *, n_days: int) -> None:
    """Store generated stories of the last `n_days` of the recording."""
    stories = make_stories(recording.series[PAIR].candles, n=600)
    known = [moment.to_pydatetime() for moment in to_times(stories.known_us)]
    since = recording.end - timedelta(days=n_days)
    store_news(database, [pair for pair in zip(known, stories.score, strict=True) if pair[0] > since])


def read(settings, recording):
    panel = {PAIR: recording.series[PAIR].candles}
    return read_news(settings, open_market(settings), open_database(settings), panel=panel)


def test_training_with_enough_news_takes_them_and_forecasts_with_them(settings, database, recording):
    settings.market.history_candles = N_CANDLES
    Loader(settings).load(open_market(settings).symbols)
    tell(database, recording, n_days=200)

    result = train_model(settings, if_missing=False, params=SMALL_PARAMS, n_folds=1)
    forecast = open_forecasts(settings).latest(PAIR, "1h", 1)

    assert "news columns from" in result["summary"]
    assert ModelStore(database).champion("1h", 1).features[-6:] == list(NEWS_FEATURE_NAMES)
    assert forecast.sentiment.available
    assert forecast.sentiment.n > 0


def test_news_known_after_the_market_time_are_not_read(settings, database, recording):
    tell(database, recording, n_days=200)

    news, columns = read(settings, recording)

    stories = news.of(PAIR)
    assert news.scored_by == (ENGINE, VERSION)
    assert columns == f"news columns from {len(stories.score):,} stories scored by ensemble"
    assert to_times(stories.known_us)[-1] <= open_market(settings).clock.now()


@pytest.mark.parametrize(("n_days", "why"), [(0, "no story is scored by ensemble yet"), (30, "news covers")])
def test_news_that_are_too_few_are_refused_in_words(settings, database, recording, n_days, why):
    tell(database, recording, n_days=n_days)

    news, columns = read(settings, recording)

    assert news is None
    assert columns.startswith(f"price columns alone: {why}")


def test_news_switched_off_are_not_read(settings, database, recording):
    tell(database, recording, n_days=200)
    settings.news.features = False

    assert read(settings, recording) == (None, "price columns alone: news.features is off")
