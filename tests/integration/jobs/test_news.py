"""Does one round, or one archive, end in judged stories and a line that says so? Real replay, real database."""

from datetime import timedelta

import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.replay.headlines import make_headlines
from candlecast.replay.server import build_replay
from candlecast.settings import Settings
from jobs.tasks import collect_news, load_archive
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

SYMBOLS = ["BTC/USDT"]
# the functions that the tasks run, without Ray
collect, load = collect_news._function, load_archive._function


@pytest.fixture(scope="module")
def headlines():
    recording = make_small_recording(SYMBOLS, 200)
    return make_headlines(SYMBOLS, recording.start, recording.end, seed=5, story_every_s=7_200)


@pytest.fixture
def settings(database, postgres, headlines):
    recording = make_small_recording(SYMBOLS, 200)
    clock = make_frozen_clock(recording.start + timedelta(hours=150), recording.end)
    with serve_app(build_replay(recording, clock, headlines=headlines)) as url:
        yield Settings(
            replay={"url": url},
            database={"url": postgres.app_url},
            news={"feed_url": url, "feeds": "rss", "rss": "coindesk=https://a.example"},
            sentiment={"engine": "lexicon"},
            _env_file=None,
        )


def test_round_of_news_stores_and_judges_what_the_feeds_show(settings):
    first, second = collect(settings), collect(settings)

    n_new = int(first.partition(" ")[0])
    assert n_new > 0
    assert first.endswith(f"{n_new} judged; rss:coindesk ok")
    assert second.startswith("0 new stories")
    assert second.endswith("0 judged; rss:coindesk ok")


def test_archive_is_stored_up_to_the_market_time_and_again_changes_nothing(settings, headlines, tmp_path):
    path = tmp_path / "archive.csv.gz"
    rows = [(item.published_at, item.title, item.source, item.url) for item in headlines.items]
    pd.DataFrame(rows, columns=["published_at", "title", "source", "url"]).to_csv(path, index=False)

    first, second = load(settings, path), load(settings, path)

    assert 0 < first["new stories"] == first["judged"] < len(rows)
    assert first["refused"] == 0
    assert second["new stories"] == second["judged"] == 0
    assert second["known before"] == first["new stories"] + first["told again"]


def test_archive_without_its_columns_is_refused_and_nothing_is_stored(settings, tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text("when,what\n2022-01-01,Bitcoin rises\n")

    with pytest.raises(InvalidRequestError, match="lacks published_at and title"):
        load(settings, path)
