"""How good is what serves? Age of the models, whether their intervals hold, and what drifts."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from candlecast.stack_figures import StoredFigures

_GROUP = ["timeframe", "horizon", "model"]
_KEYS = ["timeframe", "horizon", "model_id"]


class RecordFigures(Collector):
    """What the ledger and the registry tell of the models that serve.

    Parameters
    ----------
    stored : StoredFigures
        What was read.
    """

    def __init__(self, stored: StoredFigures) -> None:
        self._stored = stored
        self._champions = {one.id for one in stored.champions}

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield self._ages()
        yield from self._settled()
        yield from self._coverage()
        yield self._drift()

    def _ages(self) -> Metric:
        age = GaugeMetricFamily("candlecast_model_age_seconds", "Market seconds since its training.", labels=_GROUP)
        for one in self._stored.champions:
            trained_s = (self._stored.now - one.trained_at).total_seconds()
            age.add_metric([one.timeframe, str(one.horizon), one.id], trained_s)
        return age

    def _settled(self) -> Iterator[Metric]:
        text = "Settled forecasts of a model that serves, of 30 market days."
        settled = GaugeMetricFamily("candlecast_record_forecasts", text, labels=[*_GROUP, "outcome"])
        for key, days in self._stored.record.days.groupby(_KEYS):
            if key[2] in self._champions:
                settled.add_metric([*map(str, key), "known"], float(days["n"].sum()))
                settled.add_metric([*map(str, key), "never known"], float(days["n_unsettled"].sum()))
        missed = GaugeMetricFamily("candlecast_record_missed", "Forecasts made too late, not recorded.", labels=_GROUP)
        for (_, timeframe, horizon, model_id), n in self._stored.record.misses.items():
            if model_id in self._champions:
                missed.add_metric([timeframe, str(horizon), model_id], n)
        yield from (settled, missed)

    def _coverage(self) -> Iterator[Metric]:
        labels = [*_GROUP, "level"]
        held = GaugeMetricFamily("candlecast_coverage_ratio", "Share of intervals that held.", labels=labels)
        promised = GaugeMetricFamily("candlecast_coverage_promised_ratio", "What was promised.", labels=labels)
        behind = GaugeMetricFamily("candlecast_coverage_forecasts", "Settled forecasts behind it.", labels=labels)
        for key, sums in self._stored.record.levels.groupby([*_KEYS, "level"]):
            n, level = float(sums["n"].sum()), float(key[3])
            if key[2] in self._champions and n:
                values = [*map(str, key[:3]), f"{level:g}"]
                held.add_metric(values, float(sums["covered"].sum()) / n)
                promised.add_metric(values, level)
                behind.add_metric(values, n)
        yield from (held, promised, behind)

    def _drift(self) -> Metric:
        drift = GaugeMetricFamily("candlecast_drift", "1 while it drifts.", labels=[*_GROUP, "kind"])
        for one in self._stored.drifts:
            drift.add_metric([one.timeframe, str(one.horizon), one.model_id, one.kind], float(one.alarm))
        return drift
