"""A search by cluster.search whose trials sleep, with arguments TRIALS CONCURRENT SECONDS.

The text is the command line of a job, in double quotes: no dollar and no backtick may be in it. Only the cost of
a trial is made up. Prints the wall seconds of the search.
"""

import sys
import time

import ray

from candlecast.models.search_space import MAX_ROUNDS
from candlecast.settings import Settings
from cluster import search
from cluster.connect import connect

TRIALS, CONCURRENT, SECONDS = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


class SleepingTrial(search.SearchTrial):
    """A trial that costs time and no work."""

    def setup(self, config, *, prepared):
        """Take the seconds."""
        self._seconds = prepared

    def reset_config(self, new_config):
        """Begin the next trial."""
        return True

    def step(self):
        """Sleep through all rounds at once."""
        time.sleep(self._seconds)
        return {"log_loss": 0.69, "round": MAX_ROUNDS, "best_rounds": MAX_ROUNDS, "done": True}

    def cleanup(self):
        """Let nothing go."""


search.SearchTrial = SleepingTrial
settings = Settings()
connect(settings.cluster)
done = []
# a folder that all nodes see
folder = settings.models.folder / ".tune" / "sleeping"
plan = search.SearchPlan(method="optuna", trials=TRIALS, concurrent=CONCURRENT, seed=7, folder=folder)
begun_s = time.monotonic()
search.search(ray.put(SECONDS), plan=plan, on_trial=done.append)
assert [trial.log_loss for trial in done] == [0.69] * TRIALS, done
sys.stdout.write(f"slept through {len(done)} trials in {time.monotonic() - begun_s:.1f} s\n")
