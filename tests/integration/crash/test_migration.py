"""A migration that is killed at any step: is the schema the old one or the new one, and does the next one finish?"""

from urllib.parse import urlsplit

from candlecast.storage.postgres.migrate import status
from tests.fuzz.budget import LONG
from tests.integration.conftest import as_owner
from tests.integration.crash import acts
from tests.integration.crash.tripwire import killed_at

MOST_STEPS = 1_000
EVERY = 1 if LONG else 9


def test_killed_migration_leaves_no_part_of_a_schema(postgres):
    as_owner(postgres, "CREATE DATABASE crashed")
    url, app = postgres.owner_url.removesuffix("/candlecast") + "/crashed", urlsplit(postgres.app_url)
    work = (acts.migrate, url, app.username, app.password)
    places, step = [], 1

    try:
        while killed_at(step, *work):
            assert step < MOST_STEPS
            places.append(status(url).current)
            step += EVERY

        assert status(url).up_to_date
    finally:
        as_owner(postgres, "DROP DATABASE crashed WITH (FORCE)")
    # all of it is one transaction: nothing until its end
    assert set(places) <= {None, status(postgres.owner_url).head}
    assert len(places) > 3
