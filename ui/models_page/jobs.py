"""How far is a training? The state of a job of the cluster, its progress and its newest log lines."""

import re
from html import escape

from candlecast.errors import CandlecastError
from candlecast.job_progress import JobState
from ui.panels import card, empty, filled

TAIL = 40
TITLE = "Training job"

_RUNNING = frozenset({"PENDING", "RUNNING"})
_KIND = {"SUCCEEDED": "cc-up", "FAILED": "cc-down", "STOPPED": "cc-warn"}
_WORD = {
    "PENDING": "waits for its turn",
    "RUNNING": "runs",
    "SUCCEEDED": "done",
    "FAILED": "failed",
    "STOPPED": "stopped",
}
_JOB_ID = re.compile(r"[\w.-]{1,100}")
_COLOUR_CODE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_job_id(text: str) -> str:
    """Return the id of a job from an address, "" for what can be none."""
    return text if _JOB_ID.fullmatch(text) else ""


def is_running(job: JobState | CandlecastError | None) -> bool:
    """Tell whether a job will say more."""
    return isinstance(job, JobState) and job.status in _RUNNING


def job_panel(job_id: str, job: JobState | CandlecastError | None) -> str:
    """Return the value of the panel of a job; `job_id` "" means that none was started."""
    if job is None or not job_id:
        return empty(TITLE, "None is shown. Start one beside, or open this page with ?job=ID.")
    if isinstance(job, CandlecastError):
        # not `failed`: a refused key must be read, not hidden behind what was known before
        body = f'<div class="cc-error" role="alert"><b>{escape(job.title)}</b><p>{escape(str(job))}</p></div>'
        return filled(card(TITLE, body + _end(job_id)), about=job_id)
    word = _WORD.get(job.status, job.status.lower())
    mark = f'<b class="{_KIND.get(job.status, "")}" data-job-status="{escape(job.status)}">{escape(word)}</b>'
    message = f'<p class="cc-fine">{escape(job.message)}</p>' if job.message and job.status not in _RUNNING else ""
    log = "\n".join(_COLOUR_CODE.sub("", line) for line in job.log) or "nothing said yet"
    lines = (
        '<pre class="cc-log" tabindex="0" role="log" aria-label="Newest log lines" data-scroll="log">'
        f"{escape(log)}</pre>"
    )
    return filled(card(TITLE, _progress(job) + message + lines + _end(job_id), aside=mark), about=job_id)


def _progress(job: JobState) -> str:
    if job.progress is None:
        return '<p class="cc-fine">It has not told how far it is yet.</p>'
    done, total = job.progress.done, job.progress.total
    share_pct = 100 * done / total if total else 0.0
    said = f"{done} of {total} {job.progress.unit}: {job.progress.note}"
    return (
        f'<progress class="cc-progress" max="100" value="{share_pct:.0f}" aria-label="Progress of the job"></progress>'
        f'<p class="cc-fine">{escape(said)}</p>'
    )


def _end(job_id: str) -> str:
    return (
        f'<p class="cc-actions"><code>{escape(job_id)}</code>'
        '<button type="button" class="cc-button" data-forget-job>put away</button></p>'
    )
