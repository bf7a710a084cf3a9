import pytest

from candlecast.storage.token_bucket import MAX_CLOSED_S, Quota, TokenBucket

QUOTA = Quota(capacity=10, refill_per_s=2)


def waits(bucket: TokenBucket, costs, *, now_s: float) -> list[float]:
    return [bucket.take(cost, now_s=now_s).wait_s for cost in costs]


def test_new_bucket_is_half_full():
    assert waits(TokenBucket(QUOTA, now_s=0), [1] * 6, now_s=0) == [0, 0, 0, 0, 0, 0.5]


def test_waiting_takers_get_their_turns_in_order_of_asking():
    bucket = TokenBucket(QUOTA, now_s=0)

    assert waits(bucket, [5, 2, 4, 1], now_s=0) == [0, 1, 3, 3.5]


def test_idle_bucket_fills_to_its_capacity_only():
    bucket = TokenBucket(QUOTA, now_s=0)

    assert waits(bucket, [10, 1], now_s=1_000) == [0, 0.5]


def test_minute_never_sees_more_than_the_documented_limit():
    bucket, n, now_s = TokenBucket(QUOTA, now_s=-1_000), 0, 0.0
    while now_s < 60:
        n += 1
        now_s += bucket.take(1, now_s=now_s).wait_s

    assert n - 1 <= QUOTA.capacity + 60 * QUOTA.refill_per_s


def test_closed_bucket_waits_for_its_end_and_voids_earlier_turns():
    bucket = TokenBucket(QUOTA, now_s=0)
    waiting = [bucket.take(5, now_s=0), bucket.take(5, now_s=0)][1]

    bucket.shut(30, now_s=1)
    turn = bucket.take(2, now_s=1)

    assert (turn.closed_s, turn.wait_s) == (30, 31)
    assert turn.epoch != waiting.epoch


def test_shorter_closing_does_not_open_a_closed_bucket():
    bucket = TokenBucket(QUOTA, now_s=0)
    bucket.shut(30, now_s=0)
    bucket.shut(1, now_s=0)

    assert bucket.level(now_s=0) == (0, 30)


def test_closing_without_end_is_bounded():
    bucket = TokenBucket(QUOTA, now_s=0)
    bucket.shut(1e9, now_s=0)

    assert bucket.level(now_s=0)[1] == MAX_CLOSED_S


def test_given_back_turn_serves_the_next_taker():
    bucket = TokenBucket(QUOTA, now_s=0)
    turn = bucket.take(5, now_s=0)

    bucket.give_back(5, turn)

    assert waits(bucket, [5], now_s=0) == [0]


def test_turn_of_an_earlier_epoch_gives_nothing_back():
    bucket = TokenBucket(QUOTA, now_s=0)
    turn = bucket.take(5, now_s=0)
    bucket.shut(1, now_s=0)

    bucket.give_back(5, turn)

    assert bucket.level(now_s=1)[0] == 0


@pytest.mark.parametrize(("used_share", "left"), [(0.0, 130), (0.95, 6.5), (1.0, 0), (1.2, 0)])
def test_quota_left_follows_what_the_venue_says(used_share, left):
    assert QUOTA.left(used_share) == pytest.approx(left)


def test_limited_bucket_holds_no_more_than_the_venue_grants():
    bucket = TokenBucket(QUOTA, now_s=-1_000)
    bucket.limit(1, now_s=0)

    assert waits(bucket, [1, 1], now_s=0) == [0, 0.5]


def test_restart_while_closed_stays_closed():
    bucket = TokenBucket(QUOTA, now_s=0)
    bucket.shut(30, now_s=0)
    bucket.restart(now_s=10)

    assert bucket.level(now_s=10) == (0, 20)
