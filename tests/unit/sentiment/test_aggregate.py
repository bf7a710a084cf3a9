"""Does a window of stories add up as written, and does nothing later change it?"""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.sentiment import aggregate as module
from candlecast.sentiment.aggregate import Sentiment, Stories, aggregate, is_followed

HOUR_US = 3_600_000_000
NOW_US = 1_650_000_000_000_000
NAMES = [one.name for one in fields(Sentiment)]


def stories_of(*rows: tuple[float, float | None, float]) -> Stories:
    """Return stories from (hours ago known, hours ago published or None, score)."""
    known = pd.to_datetime([NOW_US - int(known * HOUR_US) for known, _, _ in rows], unit="us", utc=True)
    published = pd.to_datetime(
        [None if told is None else NOW_US - int(told * HOUR_US) for _, told, _ in rows], unit="us", utc=True
    )
    return Stories.of(pd.DataFrame({"known_at": known, "published_at": published, "score": [row[2] for row in rows]}))


def at(stories: Stories, *hours_ago: float, window_s: int = 86_400) -> Sentiment:
    moments = np.array([NOW_US - int(ago * HOUR_US) for ago in hours_ago], dtype=np.int64)
    return aggregate(stories, moments, window_s=window_s)


def row_of(found: Sentiment, i: int) -> list[float]:
    return [float(getattr(found, name)[i]) for name in NAMES]


def test_two_stories_a_half_life_apart_weigh_two_to_one():
    found = at(stories_of((0, 0, 0.8), (6, 6, -0.4)), 0)

    assert found.score[0] == pytest.approx((0.8 - 0.4 / 2) / 1.5)
    assert found.count[0] == 2
    assert found.negative_share[0] == 0.5
    assert found.dispersion[0] == pytest.approx(np.sqrt((0.4**2 + 0.8**2 / 2) / 1.5))


def test_no_story_in_the_window_is_missing_with_a_true_count_of_zero():
    found = at(stories_of((30, 30, 0.5)), 0)

    assert np.isnan([found.score[0], found.dispersion[0], found.negative_share[0], found.surprise[0]]).all()
    assert (found.count[0], found.known[0]) == (0, True)


def test_symbol_without_any_story_for_a_week_is_not_followed():
    stories = stories_of((24 * 7 + 1, None, 0.5))

    assert is_followed(stories, np.array([NOW_US, NOW_US - 2 * HOUR_US])).tolist() == [False, True]
    assert not at(Stories.none(), 0).known[0]


def test_story_counts_from_when_it_was_known_not_from_when_it_was_told():
    stories = stories_of((1, 5, 0.5))

    assert at(stories, 1.001, 1, 0).count.tolist() == [0, 1, 1]


def test_story_told_longer_ago_than_the_window_never_counts():
    assert at(stories_of((1, 25, 0.5)), 0, 1).count.tolist() == [0, 0]


def test_story_leaves_the_window_as_old_as_the_window():
    stories = stories_of((24, 24, 0.5))

    assert at(stories, 0, 1 / 3600).count.tolist() == [0, 1]


def test_surprise_is_against_the_month_before_the_window():
    stories = stories_of((1, 1, 0.6), (25, 25, 0.1), (700, 700, 0.3), (24 * 31 + 1, None, -1.0))

    assert at(stories, 0).surprise[0] == pytest.approx(0.6 - 0.2)


def test_window_of_an_hour_halves_weights_every_quarter():
    found = at(stories_of((0, 0, 1.0), (0.25, 0.25, -1.0)), 0, window_s=3_600)

    assert found.score[0] == pytest.approx(1 / 3)


def test_abstained_and_undated_stories_are_left_out_where_asked():
    frame = pd.DataFrame(
        {
            "known_at": pd.to_datetime([NOW_US] * 3, unit="us", utc=True),
            "published_at": pd.to_datetime([NOW_US, None, NOW_US], unit="us", utc=True),
            "score": [0.5, -0.5, np.nan],
        }
    )

    assert sorted(Stories.of(frame).score) == [-0.5, 0.5]
    assert Stories.of(frame, dated_only=True).score.tolist() == [0.5]


def test_no_moment_gives_no_row():
    assert at(stories_of((0, 0, 0.5))).score.shape == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_pairs_give_what_one_block_gives(name, monkeypatch):
    moments = NOW_US - np.arange(300) * HOUR_US
    whole = aggregate(random_stories(400), moments)

    monkeypatch.setattr(module, "_MAX_PAIRS", 50)

    np.testing.assert_array_equal(getattr(aggregate(random_stories(400), moments), name), getattr(whole, name))


def test_thousand_rows_equal_a_slow_oracle():
    stories, moments = random_stories(400), NOW_US - np.arange(0, 300, 7) * HOUR_US
    found = aggregate(stories, moments)

    for i, moment in enumerate(moments):
        age = moment - stories.told_us
        inside = (stories.known_us <= moment) & (moment - stories.known_us < 24 * HOUR_US) & (age < 24 * HOUR_US)
        weight = 0.5 ** (age[inside] / (6 * HOUR_US))
        assert found.count[i] == inside.sum()
        if inside.any():
            assert found.score[i] == pytest.approx(np.average(stories.score[inside], weights=weight), abs=1e-12)


def random_stories(n: int, *, seed: int = 3) -> Stories:
    rng = np.random.default_rng(seed)
    known = np.sort(rng.integers(0, 2_000 * HOUR_US, n))
    told = known + rng.integers(0, 30 * HOUR_US, n) * (rng.random(n) < 0.5)
    rows = zip(known / HOUR_US, told / HOUR_US, rng.uniform(-1, 1, n), strict=True)
    return stories_of(*rows)


story_rows = st.lists(
    st.tuples(st.floats(0, 1_000), st.one_of(st.none(), st.floats(0, 40)), st.floats(-1, 1)), min_size=1, max_size=30
)


def drawn(rows: list[tuple[float, float | None, float]]) -> Stories:
    return stories_of(*((known, None if lag is None else known + lag, score) for known, lag, score in rows))


@settings(max_examples=25, deadline=None)
@given(rows=story_rows, ago=st.lists(st.floats(0, 1_000), min_size=1, max_size=12), data=st.data())
def test_any_row_alone_equals_the_row_of_the_batch(rows, ago, data):
    i = data.draw(st.integers(0, len(ago) - 1))

    batch, alone = at(drawn(rows), *ago), at(drawn(rows), ago[i])

    np.testing.assert_array_equal(row_of(batch, i), row_of(alone, 0))


@settings(max_examples=25, deadline=None)
@given(rows=story_rows, later=story_rows, ago=st.floats(0, 1_000))
def test_stories_known_later_change_nothing(rows, later, ago):
    moment = NOW_US - int(ago * HOUR_US)
    known = [row for row in rows if NOW_US - int(row[0] * HOUR_US) <= moment]
    after = [row for row in rows + later if NOW_US - int(row[0] * HOUR_US) > moment]

    with_later = at(drawn(known + after), ago) if known + after else at(Stories.none(), ago)
    without = at(drawn(known), ago) if known else at(Stories.none(), ago)

    np.testing.assert_array_equal(row_of(with_later, 0), row_of(without, 0))


@settings(max_examples=15, deadline=None)
@given(rows=story_rows, ago=st.floats(0, 200))
def test_a_month_and_a_day_of_stories_suffice(rows, ago):
    recent = [row for row in rows if row[0] < ago + 31 * 24]

    np.testing.assert_array_equal(
        row_of(at(drawn(rows), ago), 0), row_of(at(drawn(recent) if recent else Stories.none(), ago), 0)
    )
