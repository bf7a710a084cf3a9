"""Was the record touched? Every chain recomputed, every outcome held against its hash, the summary counted again."""

from dataclasses import dataclass
from datetime import datetime

from candlecast.forecasts.ledger import LedgerRow, Series, verify_chain
from candlecast.record.outcomes import outcome_hash
from candlecast.storage.postgres.audit import AuditStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.record import RecordStore


@dataclass(frozen=True, slots=True)
class Tampered:
    """A place of the record that does not fit.

    Parameters
    ----------
    series : (symbol, timeframe, horizon, model)
        Whose chain.
    row_id : int
        Of the row; 0: no single row, as when rows are gone from the end.
    as_of : datetime or None
        Of the row.
    reason : str
        What does not fit.
    """

    series: Series
    row_id: int
    as_of: datetime | None
    reason: str

    @property
    def line(self) -> str:
        """Return the place on one line."""
        symbol, timeframe, horizon, model = self.series
        when = "" if self.as_of is None else f" as of {self.as_of:%Y-%m-%d %H:%M:%S}Z,"
        row = f" row {self.row_id}" if self.row_id else ""
        return f"{symbol} {timeframe} h={horizon} {model}:{when}{row} {self.reason}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at and what does not fit; `broken` is empty when the record is whole."""

    n_series: int
    n_forecasts: int
    n_outcomes: int
    broken: tuple[Tampered, ...]


def verify_record(audit: AuditStore, predictions: PredictionStore, record: RecordStore) -> Verification:
    """Check the whole ledger, series by series.

    Rows that were changed, removed or slipped in are found by the chains, changed outcomes by their
    hashes, removed ones by the summary. An owner who writes a whole chain anew is found by whoever
    noted one of its hashes before: `GET /v1/forecasts` gives them out.

    Parameters
    ----------
    audit : AuditStore
        What there is, and the summary.
    predictions : PredictionStore
        The chains.
    record : RecordStore
        Their outcomes.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    broken: list[Tampered] = []
    n_forecasts = n_outcomes = 0
    series = audit.series()
    for one in series:
        rows, head = predictions.chain(one)
        times = {row.id: row.entry.forecast.as_of for row in rows}
        found = verify_chain(rows, head=head)
        broken += [Tampered(one, place.row_id, times.get(place.row_id), place.reason) for place in found]
        n_known, changed = _outcomes(one, rows, record)
        broken += changed
        n_forecasts, n_outcomes = n_forecasts + len(rows), n_outcomes + n_known
    for one, day, counted, there in audit.disagreements():
        reason = f"the summary counts {counted} outcomes on {day}, the record holds {there}: rows came or went"
        broken.append(Tampered(one, 0, None, reason))
    return Verification(len(series), n_forecasts, n_outcomes, tuple(broken))


def _outcomes(series: Series, rows: list[LedgerRow], record: RecordStore) -> tuple[int, list[Tampered]]:
    settled = [one for one in record.with_outcomes(rows) if one.outcome is not None]
    changed = [
        Tampered(
            series, one.row.id, one.row.entry.forecast.as_of, "its outcome does not match its hash: it was changed"
        )
        for one in settled
        if one.outcome is not None and outcome_hash(one.outcome, one.row.row_hash) != one.outcome_hash
    ]
    return len(settled), changed
