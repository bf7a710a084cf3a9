"""Calls about jobs of the cluster."""

from pydantic import TypeAdapter

from candlecast.calls.call import Call, path_of
from candlecast.job_progress import JobState
from candlecast.schemas import JobAccepted, TrainRequest, TuneRequest

_ACCEPTED = TypeAdapter(JobAccepted)
_JOB = TypeAdapter(JobState)


def train_call(request: TrainRequest) -> Call[JobAccepted]:
    """Return the call that has a model trained."""
    return Call(path_of("jobs", "train"), _ACCEPTED, body=request, method="POST")


def tune_call(request: TuneRequest) -> Call[JobAccepted]:
    """Return the call that has models tuned."""
    return Call(path_of("jobs", "tune"), _ACCEPTED, body=request, method="POST")


def job_call(id_: str, *, tail: int) -> Call[JobState]:
    """Return the call for how a job stands."""
    return Call(path_of("jobs", id_), _JOB, {"tail": tail})
