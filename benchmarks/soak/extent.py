"""How large is a soak, and what must it hold?"""

from dataclasses import dataclass, replace

from candlecast.market.timeframes import timeframe_s

HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S
# the clock of a recording goes on while the stack starts, and while it is looked through at the end
START_LIMIT_S, END_LIMIT_S = 420.0, 300.0


@dataclass(frozen=True, slots=True)
class Market:
    """Generated symbols of one timeframe, which one stack follows."""

    timeframe: str
    n_symbols: int
    n_history: int

    @property
    def candle_s(self) -> float:
        """Market seconds of a candle."""
        return float(timeframe_s(self.timeframe))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the symbols."""
        return tuple(f"S{number:02d}/USDT" for number in range(self.n_symbols))


@dataclass(frozen=True, slots=True)
class Bars:
    """What the figures must be; each is named in docs/soak.md.

    Parameters
    ----------
    latest_share, other_share : float
        Least share of wall seconds in which ``/v1/forecasts/latest``, or any other probe, was right.
    hit_rate : float
        Least share of cache reads that were hits.
    delay_p95_s : float
        Most wall seconds from close to readable forecast, 95th percentile.
    slope_pct_day : float or None
        Most growth of memory a market day, of any process group; None: too short a run to tell, so none is asked for.
    growth_pct : float or None
        Most growth of memory of any process group from the first to the last quarter of the run.
    """

    latest_share: float
    other_share: float
    hit_rate: float
    delay_p95_s: float
    slope_pct_day: float | None
    growth_pct: float | None


@dataclass(frozen=True, slots=True)
class Extent:
    """One kind of soak.

    Parameters
    ----------
    name : str
        ``full``, ``short`` or ``partial``.
    markets : tuple of Market
        A stack each, side by side.
    course_s : float
        Wall seconds under load and faults.
    speed : float
        Market seconds a wall second.
    rate : float
        Requests a second of all readers.
    fault_every_s : float
        Wall seconds between two faults of a stack, on average.
    sample_s : float
        Wall seconds between two looks at memory and handles.
    disk_mb : int
        Size of the disk that the stacks lie on.
    bars : Bars
        What must hold.
    """

    name: str
    markets: tuple[Market, ...]
    course_s: float
    speed: float
    rate: float
    fault_every_s: float
    sample_s: float
    disk_mb: int
    bars: Bars

    def n_candles(self, market: Market) -> int:
        """Return how many candles a symbol are recorded: history, start, course, end."""
        played_s = (START_LIMIT_S * len(self.markets) + self.course_s + END_LIMIT_S) * self.speed
        return market.n_history + int(played_s / market.candle_s) + 2


FULL = Extent(
    name="full",
    markets=(Market("1h", 50, 1_500), Market("5m", 10, 1_500)),
    course_s=72 * HOUR_S / 60,
    speed=60.0,
    rate=50.0,
    fault_every_s=60.0,
    sample_s=10.0,
    disk_mb=1_500,
    bars=Bars(0.999, 0.99, 0.97, 1.0, slope_pct_day=1.0, growth_pct=None),
)
# a killed replica costs a larger share of two minutes than of three days, and a young process grows
SHORT = Extent(
    name="short",
    markets=(Market("15m", 12, 1_200),),
    course_s=120.0,
    speed=60.0,
    rate=30.0,
    fault_every_s=12.0,
    sample_s=3.0,
    disk_mb=700,
    # one of seven closes lies in the full disk: in time is whatever can be read before the next close
    bars=Bars(0.97, 0.90, 0.90, 15.0, slope_pct_day=None, growth_pct=40.0),
)


def partial(hours: float) -> Extent:
    """Return the full soak, but of `hours` of market time.

    Too few to tell a leak from a warm-up, and a second is a larger share of them: one full disk is 1 % of ten hours.
    """
    course_s = hours * HOUR_S / FULL.speed
    bars = replace(FULL.bars, latest_share=0.995, other_share=0.96, slope_pct_day=None, growth_pct=25.0)
    return replace(FULL, name=f"partial, {hours:g} h", course_s=course_s, bars=bars)
