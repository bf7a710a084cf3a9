"""What a shard tells of itself; its watchers import this, and none of what the shard works with."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShardHealth:
    """How one shard is.

    Parameters
    ----------
    symbols : tuple of str
        What is followed.
    newest_close : dict of str to datetime
        Close up to which a symbol is known without a hole; symbols without any candle are missing.
    busy_s : float
        Seconds since the shard last looked after its symbols; large: it hangs.
    venues : dict of str to str
        State of each venue's breaker.
    """

    symbols: tuple[str, ...]
    newest_close: dict[str, datetime]
    busy_s: float
    venues: dict[str, str]
