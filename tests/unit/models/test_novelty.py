import numpy as np

from candlecast.models.novelty import MIN_LIMIT, Novelty

RNG = np.random.default_rng(3)
NAMES = tuple(f"feature_{place}" for place in range(20))


def block(n, *, scale=1.0):
    return scale * RNG.normal(size=(n, len(NAMES)))


def test_row_like_training_has_no_objection():
    novelty = Novelty.fit(block(3_000), later=block(500))

    assert novelty.objection(np.zeros(20), names=NAMES) is None
    assert novelty.limit == MIN_LIMIT


def test_row_far_outside_is_objected_to_by_the_furthest_names():
    row = np.zeros(20)
    row[[2, 5, 7, 11]] = [9.0, -30.0, 20.0, 5.0]

    found = Novelty.fit(block(3_000), later=block(500)).objection(row, names=NAMES)

    assert "20% of the features lie outside" in found
    assert "(feature_5, feature_7, feature_2 furthest)" in found


def test_limit_rises_where_the_market_had_changed_already():
    novelty = Novelty.fit(block(3_000), later=block(2_000, scale=4.0))

    assert novelty.limit > 3 * MIN_LIMIT
    assert novelty.objection(np.repeat([9.0, 0.0], [4, 16]), names=NAMES) is None


def test_missing_features_do_not_count():
    train = block(2_000)
    train[:, 0] = np.nan
    row = np.full(20, np.nan)
    row[:4] = [9.0, 0.0, 0.0, 9.0]

    novelty = Novelty.fit(train, later=block(100))

    assert novelty.shares(row[np.newaxis]).tolist() == [1 / 3]


def test_bounds_leave_out_a_thousandth_on_either_side():
    novelty = Novelty.fit(np.linspace(0.0, 1.0, 10_001)[:, np.newaxis], later=np.zeros((0, 1)))

    np.testing.assert_allclose([novelty.low[0], novelty.high[0]], [0.001, 0.999], atol=1e-9)
