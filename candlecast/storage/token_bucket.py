"""How long must a request wait? One token bucket, twice: in Python for one process, in Lua for all of them.

Who takes more than there is leaves a debt and waits until it is refilled, so that turns are given in
the order of asking and nobody starves. A bucket that starts, or whose state was lost, is half full.
Closing it (``Retry-After``) voids all turns given before: the epoch changes, and who waited asks again.
"""

from dataclasses import dataclass

# a clock that was set back must not close a bucket for ever
MAX_CLOSED_S = 3_600.0
_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Quota:
    """What a venue grants, in its units of cost: `capacity` at once, `refill_per_s` on end.

    A minute never sees more than ``capacity + 60 * refill_per_s``.
    """

    capacity: float
    refill_per_s: float

    def scaled(self, share: float) -> "Quota":
        """Return the part of one process."""
        return Quota(self.capacity * share, self.refill_per_s * share)

    def left(self, used_share: float) -> float:
        """Return what a venue still grants that says how much of its minute is used, 0 to 1."""
        return max(0.0, 1.0 - used_share) * (self.capacity + _WINDOW_S * self.refill_per_s)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a request may go: after `wait_s`, if the bucket is still of this `epoch` then.

    `closed_s` is the part of the wait for which the venue wants no request at all.
    """

    wait_s: float
    closed_s: float
    epoch: int


class TokenBucket:
    """The bucket of one process; times are seconds of any clock that only grows.

    Parameters
    ----------
    quota : Quota
        Size and refill.
    now_s : float
        When it starts, half full.
    """

    def __init__(self, quota: Quota, *, now_s: float) -> None:
        self._quota = quota
        self._tokens = quota.capacity / 2
        # in the future while closed
        self._at_s = now_s
        self.epoch = 0

    def take(self, cost: float, *, now_s: float) -> Turn:
        """Take `cost` tokens, on credit if need be."""
        self._refill(now_s)
        self._tokens -= cost
        closed_s = max(0.0, self._at_s - now_s)
        return Turn(closed_s + max(0.0, -self._tokens) / self._quota.refill_per_s, closed_s, self.epoch)

    def give_back(self, cost: float, turn: Turn) -> None:
        """Return what a turn had taken that nobody will use."""
        if turn.epoch == self.epoch:
            self._tokens = min(self._quota.capacity, self._tokens + cost)

    def limit(self, tokens: float, *, now_s: float) -> None:
        """Hold no more than `tokens` now."""
        self._refill(now_s)
        self._tokens = min(self._tokens, tokens)

    def shut(self, closed_s: float, *, now_s: float) -> None:
        """Give no turn for `closed_s`, and void those that wait."""
        self._at_s = max(self._at_s, now_s + min(closed_s, MAX_CLOSED_S))
        self._tokens = 0.0
        self.epoch += 1

    def restart(self, *, now_s: float) -> None:
        """Begin again half full; a closed bucket stays closed."""
        self._at_s = max(self._at_s, now_s)
        self._tokens = 0.0 if self._at_s > now_s else self._quota.capacity / 2
        self.epoch += 1

    def level(self, *, now_s: float) -> tuple[float, float]:
        """Return the share of tokens left, 0 to 1, and for how many seconds the bucket is closed."""
        self._refill(now_s)
        return max(0.0, self._tokens) / self._quota.capacity, max(0.0, self._at_s - now_s)

    def _refill(self, now_s: float) -> None:
        if now_s > self._at_s:
            refilled = self._tokens + (now_s - self._at_s) * self._quota.refill_per_s
            self._tokens, self._at_s = min(self._quota.capacity, refilled), now_s


# KEYS[1] the bucket; ARGV: act, capacity, refill per s, now in s ("" = the server's time), amount, epoch.
# Answers wait in s, time closed in s and epoch, as text.
SHARED_BUCKET = """
local act, capacity, refill = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now, amount, epoch = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'epoch')
local tokens, at, current = tonumber(stored[1]), tonumber(stored[2]), tonumber(stored[3])
if not current or at - now > 3600 then
    tokens, at, current = capacity / 2, now, math.floor(now * 1000)
elseif now > at then
    tokens, at = math.min(capacity, tokens + (now - at) * refill), now
end
local wait, closed = 0, math.max(0, at - now)
if act == 'take' then
    tokens = tokens - amount
    wait = closed + math.max(0, -tokens) / refill
elseif act == 'give_back' and epoch == current then
    tokens = math.min(capacity, tokens + amount)
elseif act == 'limit' then
    tokens = math.min(tokens, amount)
elseif act == 'shut' then
    at, tokens, current = math.max(at, now + math.min(amount, 3600)), 0, current + 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', at),
    'epoch', string.format('%.0f', current))
redis.call('EXPIRE', KEYS[1], 86400)
return {string.format('%.6f', wait), string.format('%.6f', closed), string.format('%.0f', current)}
"""
