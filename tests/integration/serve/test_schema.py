"""Does every answer keep what the document says, to whatever may be asked and to what may not?"""

import hypothesis
import pytest
import schemathesis
from hypothesis import Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from serve.app import build_api
from tests.fuzz.budget import searched
from tests.integration.serve.conftest import PAIR

load_all_checks()
KEPT = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
# the stream never ends
OPERATIONS = {
    found.ok().label: found.ok()
    for found in schemathesis.openapi.from_dict(build_api().openapi()).exclude(path="/v1/stream").get_all_operations()
}
# a failure is told as it was found: shrinking asks the whole API again and again
FEW = searched(6, phases=[Phase.generate])


# nothing can be asked wrongly of these
PLAIN = {"GET /v1/symbols", "GET /v1/news/sources", "GET /healthz", "GET /readyz", "GET /metrics"}


def asked_of(label):
    """Return a strategy of what may be asked of an operation, and of what may not."""
    modes = list(GenerationMode) if label not in PLAIN else [GenerationMode.POSITIVE]
    return st.one_of([OPERATIONS[label].as_strategy(generation_mode=mode) for mode in modes])


@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_keep_what_the_document_says(client, label):
    @FEW
    @hypothesis.given(case=asked_of(label), known=st.booleans())
    def ask(case, known):
        if known and case.query and "symbol" in case.query:
            case.query |= {"symbol": PAIR, "timeframe": "1h"}
        kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1")
        # the test client sends no longer addresses
        hypothesis.assume(len(str(kwargs.get("params"))) < 8_000)
        if isinstance(kwargs.get("data"), bytes):
            kwargs["content"] = kwargs.pop("data")
        answer = client.request(**{name: value for name, value in kwargs.items() if name != "cookies"})
        # 503 is an answer too: nothing is promoted here
        case.validate_response(answer, checks=KEPT[0 if answer.status_code != 503 else 1 :])

    ask()
