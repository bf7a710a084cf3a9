"""What does `candlecast doctor` say inside of a container of a stack that is well?"""

import json

from tests.compose.stack import ComposeStack


def test_doctor_in_a_container_finds_nothing_broken(stack: ComposeStack):
    told = json.loads(stack.run_in("ray-head", "candlecast", "doctor", "--json"))

    verdicts = {check["name"]: check["verdict"] for check in told["checks"]}
    assert told["ok"]
    assert verdicts["ports"] == "skipped"
    assert [name for name in ("database", "redis", "cluster", "models", "api") if verdicts[name] != "ok"] == []
