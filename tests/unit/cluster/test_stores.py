import pytest

from candlecast.errors import StackError
from cluster import stores
from cluster.stores import StoreKeeper


class FakeStore:
    """A store that ends when told to, and starts as often as it is allowed to."""

    def __init__(self, *, failures=0, error=None):
        self.running = True
        self.n_starts = 0
        self._failures = failures
        self._error = error or StackError("no room")

    def start(self):
        self.n_starts += 1
        if self.n_starts <= self._failures:
            raise self._error
        self.running = True

    def stop(self):
        self.running = False

    def alive(self):
        return self.running


@pytest.fixture
def said():
    return []


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that goes on by a second and a half at every question."""
    now_s = iter(1.5 * place for place in range(10_000))
    monkeypatch.setattr(stores.time, "monotonic", lambda: next(now_s))


def test_look_while_all_run_starts_nothing(said):
    store, keeper = FakeStore(), StoreKeeper(say=said.append)
    keeper.keep("Valkey", store)

    keeper.look()

    assert (store.n_starts, said) == (0, [])


def test_look_after_a_store_ended_starts_it_and_says_so(said):
    store, keeper = FakeStore(), StoreKeeper(say=said.append)
    keeper.keep("Valkey", store)
    store.stop()

    keeper.look()

    assert store.alive()
    assert said == ["Valkey had ended by itself and was started again in 1.5 s"]


@pytest.mark.parametrize("error", [StackError("port taken"), OSError(28, "No space left on device")])
def test_look_while_a_store_cannot_start_tries_again(said, error):
    store, keeper = FakeStore(failures=3, error=error), StoreKeeper(say=said.append)
    keeper.keep("PostgreSQL", store)
    store.stop()

    for _ in range(4):
        keeper.look()

    assert store.alive()
    assert len(said) == 1


def test_look_when_patience_ends_names_the_store_and_the_reason(said):
    keeper = StoreKeeper(say=said.append, patience_s=5)
    store = FakeStore(failures=99)
    keeper.keep("PostgreSQL", store)
    store.stop()
    # at 0, 1.5, 3 and 4.5 s
    for _ in range(4):
        keeper.look()

    with pytest.raises(StackError, match=r"PostgreSQL ended by itself .* for 5 s: no room"):
        keeper.look()


def test_look_after_a_second_end_has_patience_again(said):
    store, keeper = FakeStore(), StoreKeeper(say=said.append, patience_s=5)
    keeper.keep("Valkey", store)
    for _ in range(3):
        store.stop()
        keeper.look()

    assert len(said) == 3
