"""Which faults are there, and which parameters do they take?"""

from dataclasses import dataclass

MARKETS = ("binance", "kraken", "coinbase", "yahoo")
NEWS_VENUES = ("newsapi", "cryptopanic", "rss")
VENUES = (*MARKETS, *NEWS_VENUES)
ANY_VENUE = "*"
LONGEST_S = 31_536_000.0


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a fault takes: its default and its limits, both inclusive.

    Parameters
    ----------
    default, low, high : float
        None as default stands for what the fault works out by itself.
    whole : bool
        Whether it must be a whole number.
    """

    default: float | None
    low: float
    high: float
    whole: bool = False


START_S = Parameter(0.0, 0.0, LONGEST_S)
LENGTH_S = Parameter(10.0, 0.001, LONGEST_S)
EVERY = {"share": Parameter(1.0, 0.0, 1.0)}
HALF = {"share": Parameter(0.5, 0.0, 1.0)}

# `share` is the share that is hit: of requests, or of candles and messages.
KINDS: dict[str, dict[str, Parameter]] = {
    "rate_limit": EVERY | {"retry_after_s": Parameter(None, 1, 86_400, whole=True)},
    "blocked": EVERY | {"status": Parameter(451, 400, 499, whole=True)},
    "error": EVERY | {"status": Parameter(503, 500, 599, whole=True)},
    "timeout": EVERY,
    "slow": EVERY | {"delay_s": Parameter(5, 0, 86_400)},
    "html": EVERY,
    "drop": EVERY,
    "freeze": {},
    "truncated": EVERY,
    "malformed": EVERY,
    "duplicated": HALF,
    "out_of_order": HALF,
    "late": EVERY | {"delay_s": Parameter(30, 0, LONGEST_S)},
    "revised": HALF | {"delay_candles": Parameter(2, 1, 1_000, whole=True)},
    "skew": {"skew_s": Parameter(30, -LONGEST_S, LONGEST_S)},
    "outage": EVERY,
    "empty": EVERY,
    "huge_title": EVERY | {"size_mb": Parameter(5, 0.001, 50)},
    "future": EVERY | {"ahead_s": Parameter(86_400, 1, LONGEST_S)},
}
# An outage may name its market times; all other times are wall seconds.
TIMED_KIND, TIMES = "outage", ("since", "until")
# Who they can happen to; the others happen to every venue.
NEWS_KINDS = ("empty", "huge_title", "future")
MARKET_KINDS = ("late", "revised", "skew", "outage")
# What is wrong with a venue's clock or a page of news is wrong for all symbols.
WITHOUT_SYMBOLS = ("skew", *NEWS_KINDS)


def venues_of(kind: str) -> tuple[str, ...]:
    """Return the venues to which a fault of `kind` can happen."""
    return NEWS_VENUES if kind in NEWS_KINDS else MARKETS if kind in MARKET_KINDS else VENUES
