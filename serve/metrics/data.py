"""How old are the candles, how are the news feeds, and how did the scheduled jobs end?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from candlecast.schemas import FeedState
from candlecast.storage.postgres.candles import NewestCandle
from candlecast.storage.postgres.use import JobTally


class CandleAges(Collector):
    """The age of the newest candle of each symbol.

    Parameters
    ----------
    newest : mapping of str to NewestCandle
        By symbol.
    late : collection of str
        The symbols whose next candle is overdue.
    now : datetime
        Market time.
    """

    def __init__(self, newest: Mapping[str, NewestCandle], *, late: Collection[str], now: datetime) -> None:
        self._newest = newest
        self._late = late
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        text = "Market seconds since the close of the newest candle."
        age = GaugeMetricFamily("candlecast_data_age_seconds", text, labels=["symbol", "source", "quality"])
        for name, candle in self._newest.items():
            age.add_metric([name, candle.source, candle.quality], (self._now - candle.close_time).total_seconds())
        yield age
        yield GaugeMetricFamily("candlecast_symbols", "Symbols that have candles.", value=len(self._newest))
        yield GaugeMetricFamily("candlecast_symbols_late", "Those whose candle is overdue.", value=len(self._late))


class FeedFigures(Collector):
    """The states of the news feeds.

    Parameters
    ----------
    states : mapping of str to FeedState
        By feed, as whoever collects news told them last.
    """

    def __init__(self, states: Mapping[str, FeedState]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; none of a feed that nobody told about."""
        up = GaugeMetricFamily("candlecast_feed_up", "1 while a feed answers, by state.", labels=["feed", "state"])
        items = CounterMetricFamily("candlecast_feed_items", "Items of a feed.", labels=["feed", "outcome"])
        for name, state in self._states.items():
            up.add_metric([name, state.state], float(state.state in ("ok", "resting")))
            items.add_metric([name, "accepted"], state.n_accepted)
            items.add_metric([name, "rejected"], state.n_rejected)
        yield from (up, items)


class JobFigures(Collector):
    """The scheduled jobs; Prometheus has a use of its own for the label `job`.

    Parameters
    ----------
    jobs : sequence of JobTally
        By what became of them.
    """

    def __init__(self, jobs: Sequence[JobTally]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        runs = GaugeMetricFamily("candlecast_job_runs", "Slots of a job that are kept.", labels=["verb", "state"])
        text = "Unix time at which a slot of the job last came into the state."
        newest = GaugeMetricFamily("candlecast_job_newest_timestamp_seconds", text, labels=["verb", "state"])
        for one in self._jobs:
            runs.add_metric([one.job, one.state], one.n)
            newest.add_metric([one.job, one.state], one.newest.timestamp())
        yield from (runs, newest)
