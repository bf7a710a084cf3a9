"""Work that two equal commands would only do twice, and get into each other's way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from candlecast.errors import StackError
from candlecast.settings import Settings
from candlecast.storage.postgres.advisory_lock import try_lock

_N_NAMED = 4


@contextmanager
def only_one(settings: Settings, what: str, *, symbols: Sequence[str]) -> Iterator[None]:
    """Keep others from beginning the same until the end of the block, on any machine of the stack.

    Parameters
    ----------
    settings : Settings
        Database of the stack.
    what : str
        The work in words, the same for the same work.
    symbols : sequence of str
        What it is done for.

    Raises
    ------
    StackError
        When somebody does it already.
    StorageError
        When the database does not answer.
    """
    with try_lock(settings.database.url.get_secret_value(), f"{what} of {','.join(sorted(symbols))}") as free:
        if not free:
            raise StackError(
                f"{what} of {_named(symbols)} is running already; wait for its end, or stop it "
                "(Ctrl-C where it was begun) and give this command again: it goes on from there"
            )
        yield


def _named(symbols: Sequence[str]) -> str:
    rest = len(symbols) - _N_NAMED
    return ", ".join(symbols[:_N_NAMED]) + (f" and {rest} more" if rest > 0 else "")
