"""Is what the documents tell of figures, routes and functions what the sources say?"""

import re
import subprocess
import sys

from candlecast.replay.faults.script import read_script
from serve.app import build_api
from tests.builders import make_candles
from tests.documents.blocks import ROOT, blocks

# of another system
CLAIM = "81.2 %"
ROUTE = re.compile(r"(?<=[`\s])/(?:v1/[\w/{}-]+|healthz|readyz|metrics)(?=[`?])")


def block_of(page: str, language: str) -> str:
    [block] = [block for block in blocks(page) if block.language == language]
    return block.text


def test_python_of_the_indicators_page_does_what_it_says():
    candles = make_candles(600)
    names = {"candles": candles, "opened": candles["close_time"].iloc[-1]}

    exec(block_of("docs/indicators.md", "python"), names)

    assert len(names["table"]) == 600
    assert 0 < names["values"]["momentum_rsi"] < 100


def test_faults_of_the_replay_page_are_a_script_that_is_taken(tmp_path):
    path = tmp_path / "faults.json"
    path.write_text(block_of("docs/replay.md", "json"))

    assert len(read_script(path, symbols=["BTC/USDT"]).faults) == 5


def test_figures_of_the_readme_are_those_of_the_evaluation():
    [told] = re.findall(r"\*\*How often is it right\?\*\*.*?\n\n", (ROOT / "README.md").read_text(), re.DOTALL)
    [table] = re.findall(r"\| horizon 1, n = .*?\n\n", (ROOT / "docs" / "evaluation.md").read_text(), re.DOTALL)

    ours = re.findall(r"\b(\d\d)\.(\d)\b", told.replace(CLAIM, ""))

    assert len(ours) >= 6
    assert [figure for figure in ours if f".{''.join(figure)}" not in table] == []
    assert re.search(r"n = ([\d,]+)", table)[1] in told


def test_figures_of_the_limits_are_those_of_the_evaluation():
    [told] = re.findall(r"## The forecasts.*?## The system", (ROOT / "docs" / "limits.md").read_text(), re.DOTALL)
    evaluated = (ROOT / "docs" / "evaluation.md").read_text()

    ours = re.findall(r"\d*\.\d+", told)

    shares = {figure: f".{figure.replace('.', '')}" if re.fullmatch(r"\d\d\.\d", figure) else figure for figure in ours}
    found = {
        figure for figure in ours for said in (figure, shares[figure]) if re.search(rf"(?<!\d){said}\b", evaluated)
    }
    assert len(ours) > 10
    assert set(ours) - found == set()


def test_reference_is_what_the_docstrings_say():
    said = subprocess.run([sys.executable, "docs/reference.py"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == (ROOT / "docs" / "reference.md").read_text(), "run `make reference`"


def test_routes_of_the_http_page_are_those_of_the_api():
    served = {re.sub(r"\{\w+\}", "{id}", path) for path in build_api().openapi()["paths"]}

    told = set(ROUTE.findall((ROOT / "docs" / "http-api.md").read_text()))

    assert told - served == set()
    assert {path for path in served if not path.startswith(tuple(told))} == set()
