"""Does every symbol have exactly one follower, and does little move when an actor goes?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.symbols import Symbol
from cluster.actors.shards import n_actors_for, plan_shards


def make_symbols(n: int) -> list[Symbol]:
    return [Symbol.parse(f"C{i}/USDT") for i in range(n)]


@settings(deadline=None)
@given(
    n_symbols=st.integers(0, 120),
    n_actors=st.integers(1, 8),
    down=st.sets(st.integers(0, 7)),
)
def test_plan_shards_of_any_crew_follows_each_symbol_once(n_symbols, n_actors, down):
    symbols, healthy = make_symbols(n_symbols), set(range(n_actors)) - down

    shards = plan_shards(symbols, n_actors, healthy)

    followed = [symbol for shard in shards.values() for symbol in shard]
    assert set(shards) == set(range(n_actors))
    assert sorted(followed, key=symbols.index) == (symbols if healthy else [])
    assert all(shards[number] == () for number in range(n_actors) if number not in healthy)


def test_plan_shards_of_healthy_actors_is_even():
    shards = plan_shards(make_symbols(101), 4, {0, 1, 2, 3})

    assert sorted(len(shard) for shard in shards.values()) == [25, 25, 25, 26]


@settings(deadline=None)
@given(n_actors=st.integers(2, 8), down=st.sets(st.integers(0, 7), max_size=6), lost=st.integers(0, 7))
def test_plan_shards_without_one_actor_moves_its_symbols_only(n_actors, down, lost):
    symbols, healthy = make_symbols(80), set(range(n_actors)) - down
    lost %= n_actors

    before = plan_shards(symbols, n_actors, healthy)
    after = plan_shards(symbols, n_actors, healthy - {lost})

    for number in healthy - {lost}:
        assert set(before[number]) <= set(after[number])


def test_plan_shards_without_one_actor_spreads_its_symbols():
    shards = plan_shards(make_symbols(200), 4, {0, 2, 3})

    assert all(60 <= len(shards[number]) <= 74 for number in (0, 2, 3))


@pytest.mark.parametrize(("n_symbols", "n_actors"), [(0, 1), (1, 1), (50, 1), (51, 2), (200, 4), (201, 5)])
def test_n_actors_for_symbols_keeps_to_the_limit(n_symbols, n_actors):
    assert n_actors_for(n_symbols, 50) == n_actors
