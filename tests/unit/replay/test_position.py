from datetime import timedelta

import pytest

from candlecast.clock import wall_s
from candlecast.errors import InvalidRequestError
from candlecast.replay.position import Position, start_clock
from tests.builders import make_small_recording


@pytest.fixture
def recording():
    return make_small_recording(["BTC/USDT"], 600)


def at(path, recording, start=""):
    return Position(path / "state.json", recording.name, recording.timeframe, start)


def test_start_clock_without_a_state_starts_500_candles_before_the_end(tmp_path, recording):
    clock = start_clock(recording, start="", speed=60, position=at(tmp_path, recording))

    assert clock.market_anchor == recording.end - timedelta(hours=500)
    assert clock.end == recording.end
    assert abs(clock.wall_anchor_s - wall_s()) < 60


def test_start_clock_with_a_state_goes_on_one_save_interval_later(tmp_path, recording):
    position = at(tmp_path, recording)
    reached = recording.default_start() + timedelta(hours=30)
    position.save(reached, speed=3_600)

    clock = start_clock(recording, start="", speed=60, position=at(tmp_path, recording))

    assert clock.market_anchor == reached + timedelta(hours=1)


def test_start_clock_never_passes_the_end(tmp_path, recording):
    position = at(tmp_path, recording)
    position.save(recording.end, speed=60)

    clock = start_clock(recording, start="", speed=60, position=position)

    assert clock.market_anchor == recording.end
    assert clock.ended()


def test_start_clock_at_a_wanted_time_begins_there(recording):
    clock = start_clock(recording, start="2021-01-10T00:00:00Z", speed=60, position=None)

    assert clock.market_anchor.isoformat() == "2021-01-10T00:00:00+00:00"


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("soon", "start must be a time such as"),
        ("2021-01-10T00:00:00", "start must name its offset"),
        ("1999-01-01T00:00:00Z", "start must lie between 2021-01-04T00:00:00"),
    ],
)
def test_start_clock_with_a_bad_time_is_refused(recording, start, message):
    with pytest.raises(InvalidRequestError, match=message):
        start_clock(recording, start=start, speed=60, position=None)


def test_resume_of_another_replay_is_refused(tmp_path, recording):
    at(tmp_path, recording).save(recording.end, speed=60)

    with pytest.raises(InvalidRequestError, match="belongs to start '', asked for '2021-01-10T00:00:00Z'; use another"):
        at(tmp_path, recording, start="2021-01-10T00:00:00Z").resume()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"market_time": "then", "speed": 1}', '{"speed": 1}', "[" * 100_000),
        *(f'{{"market_time": "2021-01-10T00:00:00Z", "speed": {speed}}}' for speed in ("-1", "1e99", "NaN")),
        '{"market_time": "2021-01-10T00:00:00", "speed": 1}',
    ],
    ids=str.__len__,
)
def test_resume_of_a_damaged_file_is_refused(tmp_path, recording, text):
    (tmp_path / "state.json").write_text(text)

    with pytest.raises(InvalidRequestError, match=r"is damaged .* delete it"):
        at(tmp_path, recording).resume()


def test_save_leaves_only_the_whole_file(tmp_path, recording):
    position = at(tmp_path, recording)

    position.save(recording.end, speed=60)
    position.save(recording.end, speed=60)

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
