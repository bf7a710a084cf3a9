"""Are the small questions of metrics answered by the database as it is?"""

from candlecast.storage.postgres.schedule import ScheduledRun, ScheduleStore
from candlecast.storage.postgres.use import UseStore
from tests.storage_builders import START


def test_jobs_are_told_by_what_became_of_them(database):
    schedule = ScheduleStore(database)
    for number, (verb, state) in enumerate([("verify", "succeeded"), ("verify", "succeeded"), ("train", "failed")]):
        schedule.keep(ScheduledRun(verb, START.replace(hour=number), 1, f"{verb}-{number}", state))

    told = {(one.job, one.state): one for one in UseStore(database).jobs()}

    assert {key: one.n for key, one in told.items()} == {("verify", "succeeded"): 2, ("train", "failed"): 1}
    assert told["verify", "succeeded"].newest.tzinfo is not None


def test_database_tells_its_size_and_its_connections(database):
    use = UseStore(database).database()

    assert use.n_bytes > 1_000_000
    assert 1 <= use.n_connections <= use.max_connections
