"""How do many tabs ask the API once? Equal questions share one answer, which is kept for a moment."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")

TTL_S = 2.0
CAPACITY = 512
_CAUSES = 256


@dataclass(frozen=True, slots=True)
class _Asked:
    answer: "asyncio.Future[Any]"
    generation: int
    good_until_s: float


class Answers:
    """Answers of the API, shared by all tabs of this process; the least recently asked ones are dropped.

    Parameters
    ----------
    capacity : int
        Questions that are remembered.
    ttl_s : float
        Wall seconds for which an answer is good unless the question says otherwise.
    """

    def __init__(self, *, capacity: int = CAPACITY, ttl_s: float = TTL_S) -> None:
        self._capacity = capacity
        self._ttl_s = ttl_s
        self._generation = 0
        self._asked: OrderedDict[Hashable, _Asked] = OrderedDict()
        self._causes: deque[str] = deque(maxlen=_CAUSES)

    async def get(
        self,
        key: Hashable,
        ask: Callable[[], Awaitable[Answer]],
        *,
        ttl_s: float | None = None,
        fresh: bool = True,
        keep: Callable[[Answer], bool] = lambda _: True,
    ) -> Answer:
        """Return the answer to `key`: one that is on its way, one younger than `ttl_s`, or that of `ask`.

        An error reaches all who wait for the same answer, and is not kept.

        Parameters
        ----------
        key : hashable
            Names the question with everything that its answer depends on.
        ask : callable
            Called at most once for all who ask at the same time.
        ttl_s : float or None
            Wall seconds from the question for which its answer is good; None: as for all.
        fresh : bool
            False: good for all of `ttl_s`, whatever `renew` says; for what `key` names down to its version.
        keep : callable
            Tells whether an answer may be given again; else only those get it who wait for it now.
        """
        now_s = asyncio.get_running_loop().time()
        found = self._asked.get(key)
        passed = found is not None and fresh and found.generation != self._generation
        if found is None or passed or now_s >= found.good_until_s:
            answer = asyncio.ensure_future(ask())
            found = _Asked(answer, self._generation, now_s + (self._ttl_s if ttl_s is None else ttl_s))
            self._asked[key] = found
            answer.add_done_callback(lambda done: self._forget_useless(key, done, keep))
        self._asked.move_to_end(key)
        while len(self._asked) > self._capacity:
            self._asked.popitem(last=False)
        # a tab that is closed while it waits must not take the answer from the others
        return cast(Answer, await asyncio.shield(found.answer))

    def renew(self, *, cause: str = "") -> None:
        """Make every answer old, those on their way too: something happened that they may not know of.

        Parameters
        ----------
        cause : str
            Names what happened: every open tab hears of it, and one of them is enough; "": always renew.
        """
        if cause and cause in self._causes:
            return
        self._causes.append(cause)
        self._generation += 1

    def __len__(self) -> int:
        """Return how many answers are remembered."""
        return len(self._asked)

    def _forget_useless(self, key: Hashable, done: "asyncio.Future[Any]", keep: Callable[[Any], bool]) -> None:
        if done.cancelled() or done.exception() is not None or not keep(done.result()):
            held = self._asked.get(key)
            if held is not None and held.answer is done:
                del self._asked[key]
