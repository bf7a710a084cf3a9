import json
import re
from pathlib import Path

from candlecast.replay.faults.kinds import KINDS
from candlecast.replay.faults.script import parse_script

PAGE = Path(__file__).parents[4] / "docs" / "replay.md"


def test_the_page_lists_every_kind_with_its_parameters_and_defaults():
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|[^|]*\|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    documented = {kind: dict(re.findall(r"`(\w+)` ?([\d.]*)", cell)) for kind, cell in rows if kind in KINDS}

    times = {"since": "", "until": ""}
    assert documented == {
        kind: {
            name: "" if parameter.default is None else f"{parameter.default:g}" for name, parameter in numbers.items()
        }
        | (times if kind == "outage" else {})
        for kind, numbers in KINDS.items()
    }


def test_the_example_on_the_page_is_a_script():
    [example] = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)

    script = parse_script(json.loads(example), symbols=["BTC/USDT"])

    assert [fault.kind for fault in script.faults] == ["blocked", "error", "drop", "revised", "outage"]
