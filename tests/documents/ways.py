"""How is each command of the documents checked? The first line here that fits it says so.

A command that no line fits fails a test: give it a line, with a reason unless it is run as written. So does a line that
fits no command any more.
"""

import re
from typing import Literal, NamedTuple

from tests.documents.blocks import Command

# run: as written, on a stack of its own (tests/e2e/test_documents.py)
# ends: the same, and ended after its first event, for it never ends by itself
# steps: as written, in a changed copy of the checkout (tests/integration/test_extending.py)
# others: a reader of tests/documents/readers.py holds it against the program that it calls
Check = Literal["run", "ends", "steps", "make", "options", "compose", "kubectl", "setting"]

STARTS = "the stack under the tests was started by the same options"
LONG = "minutes of work; a small one is run by "


class Way(NamedTuple):
    """Which commands (a pattern that fits their beginning), how they are checked, and why they are not run."""

    pattern: str
    check: Check
    reason: str = ""


WAYS = (
    Way(r"make run", "make", STARTS),
    Way(r"make (backup|restore)", "make", "run by tests/integration/backup and tests/compose"),
    Way(r"make ", "make", "minutes to hours, and the tests themselves among them"),
    Way(r"curl --cacert ", "compose", "tests/compose asks the same over TLS"),
    Way(r"curl -N ", "ends"),
    Way(r"curl ", "run"),
    Way(r'eval "\$\(\.venv/bin/candlecast env\)"', "run"),
    Way(r"candlecast keys init", "options", "writes secrets for Compose, whose tests begin with it"),
    Way(r"candlecast keys ", "run"),
    Way(r"candlecast (predict|status|doctor|models list|score --verify)", "run"),
    Way(r"candlecast backfill .*@", "options", "the file is read by tests/unit/jobs/test_symbols_option.py"),
    Way(r"candlecast backfill ", "run"),
    Way(r"candlecast tune ", "options", LONG + "tests/e2e/test_stack.py"),
    Way(r"candlecast evaluate ", "options", LONG + "tests/integration/jobs/test_evaluation.py"),
    Way(r"candlecast backtest", "options", LONG + "tests/integration/jobs/test_backtesting.py"),
    Way(r"candlecast score --parity ", "options", "needs a day of forecasts; tests/integration/record/test_parity.py"),
    Way(r"candlecast models (promote|rollback|prune)", "options", "change what serves; run by tests/e2e/test_stack.py"),
    Way(r"ray job submit ", "options", LONG + "tests/e2e/test_stack.py, of sentiment by tests/torch"),
    Way(r"python -m candlecast\.replay", "options", "serves until stopped; tests/integration/replay/test_main.py"),
    Way(r"\.venv/bin/python -m pytest ", "steps"),
    Way(
        r"\.venv/bin/python -m tests\.notebook ",
        "options",
        "writes into docs; run by tests/integration/test_notebooks.py",
    ),
    Way(r"\.venv/bin/python benchmarks/", "options", "minutes to hours, on a machine that does nothing else"),
    Way(r"docker compose ", "compose", "needs an engine; tests/compose runs up, exec and scale"),
    Way(r"kubectl ", "kubectl", "needs a cluster; the manifests are checked in unit/cluster/kubernetes"),
    Way(r"cluster/kubernetes/secrets\.sh", "kubectl", "run by unit/cluster/kubernetes/test_secrets_script.py"),
    Way(r"CANDLECAST_\w+=", "setting", "a line of .env; the stack under the tests has it"),
)


def way_of(command: Command) -> Way | None:
    """Return how a command is checked, None when nobody said so."""
    return next((way for way in WAYS if re.match(way.pattern, command.text)), None)
