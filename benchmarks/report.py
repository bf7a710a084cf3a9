"""What every benchmark says of itself: the commit and the machine."""

import os
import subprocess
import sys
from typing import Any


def commit() -> str:
    """Return the short name of the commit that is measured, "" outside a repository."""
    try:
        asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()


def machine() -> dict[str, Any]:
    """Return how many CPUs this process may use, and its Python."""
    return {"cpus": len(os.sched_getaffinity(0)), "python": sys.version.split()[0]}
