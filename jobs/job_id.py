"""Which job does this process work for?"""

import json
import os

# Ray tells the processes that it starts for a job by this variable
_TOLD = "RAY_JOB_CONFIG_JSON_ENV_VAR"


def job_id() -> str:
    """Return the id under which the job of this process was submitted, "" outside one."""
    told = json.loads(os.environ.get(_TOLD, "{}"))
    return str(told.get("metadata", {}).get("job_submission_id", ""))
