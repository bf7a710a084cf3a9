"""May the version before go on working while a new one brings the schema forward?"""

import re
from pathlib import Path

import candlecast.storage.postgres.migrations.versions as steps

# those before took columns away, or made them obligatory, while nobody ran them
FIRST_THAT_ONLY_ADDS = 14
TAKES_AWAY = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN|INDEX|CONSTRAINT|FUNCTION)|RENAME|ALTER\s+COLUMN\s+\w+\s+(TYPE|SET\s+NOT\s+NULL))\b"
)


def test_steps_of_the_schema_take_nothing_away_from_a_version_that_still_runs():
    files = {int(file.stem[1:5]): file for file in Path(steps.__file__).parent.glob("v*.py")}

    found = {
        number: TAKES_AWAY.findall(file.read_text()) for number, file in files.items() if number >= FIRST_THAT_ONLY_ADDS
    }
    assert {number: taken for number, taken in found.items() if taken} == {}
    assert len(found) >= 2
