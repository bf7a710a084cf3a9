"""Who follows which symbol? One home an actor, and a stand-in for those that are down."""

from collections.abc import Collection, Sequence
from hashlib import blake2b

from candlecast.market.symbols import Symbol


def plan_shards(symbols: Sequence[Symbol], n_actors: int, healthy: Collection[int]) -> dict[int, tuple[Symbol, ...]]:
    """Share `symbols` out among the healthy ones of `n_actors` actors.

    A symbol has a home, by its place in `symbols`. While its home is down another healthy actor
    stands in, chosen by a hash of both, so that an actor that goes or comes back moves its own
    symbols and those it stood in for, and no other.

    Parameters
    ----------
    symbols : sequence of Symbol
        All that are followed.
    n_actors : int
        Actors numbered from 0; at least 1.
    healthy : collection of int
        Numbers of those that can work.

    Returns
    -------
    dict
        Number of each actor -> its symbols, in the order of `symbols`; empty for those that are
        down. Nobody has a symbol when nobody is healthy.
    """
    shards: dict[int, list[Symbol]] = {number: [] for number in range(n_actors)}
    if healthy:
        for place, symbol in enumerate(symbols):
            home = place % n_actors
            number = home if home in healthy else max(healthy, key=lambda actor: _rank(symbol, actor))
            shards[number].append(symbol)
    return {number: tuple(shard) for number, shard in shards.items()}


def n_actors_for(n_symbols: int, symbols_per_actor: int) -> int:
    """Return how many actors follow `n_symbols`: as few as keep to `symbols_per_actor`, at least 1."""
    return max(1, -(-n_symbols // symbols_per_actor))


def _rank(symbol: Symbol, actor: int) -> bytes:
    return blake2b(f"{symbol.name} {actor}".encode(), digest_size=8).digest()
