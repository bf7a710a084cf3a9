"""Is nothing called that runs what it reads, but where a digest was compared before?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("candlecast", "cluster", "jobs", "serve", "ui")
# reads what was digested a line before, see `candlecast.models.digests`
MAY_UNPICKLE = {"candlecast/models/forest.py", "candlecast/models/logistic.py"}
RUNS_WHAT_IT_READS = {
    *("eval", "exec", "os.system", "os.popen"),
    *("pickle.load", "pickle.loads", "joblib.load", "dill.load", "cloudpickle.loads", "marshal.loads", "shelve.open"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "torch.load", "pd.read_pickle", "pandas.read_pickle"),
}
# what no call may be given
FLAGS = {"shell": True, "allow_pickle": True, "trust_remote_code": True, "verify": False, "check_hostname": False}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in the source, with its file."""
    for file in (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield str(file.relative_to(ROOT)), node


@pytest.fixture(scope="module")
def every_call() -> list[tuple[str, ast.Call]]:
    return list(calls())


def test_nothing_runs_what_it_reads_but_models_whose_digest_was_compared(every_call):
    found = {(file, ast.unparse(call.func)) for file, call in every_call}

    dangerous = {(file, name) for file, name in found if name in RUNS_WHAT_IT_READS}

    assert dangerous == {(file, "joblib.load") for file in MAY_UNPICKLE}


def test_no_call_turns_a_safeguard_off(every_call):
    flagged = [
        f"{file}:{call.lineno} {keyword.arg}"
        for file, call in every_call
        for keyword in call.keywords
        if keyword.arg in FLAGS
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is FLAGS[keyword.arg]
    ]

    assert flagged == []
