"""Does the suite know every benchmark, and how to call it?"""

import pytest
from suite_list import BENCHMARKS, chosen

from tests.unit.benchmarks.conftest import BENCHMARKS as FOLDER
from tests.unit.benchmarks.rows import row

BY_NAME = {benchmark.name: benchmark for benchmark in BENCHMARKS}
# called by a benchmark, or calls them
NOT_ALONE = {"bare_api", "suite"}


def test_suite_runs_every_program_of_the_folder():
    programs = {file.stem for file in FOLDER.glob("*.py") if '__name__ == "__main__"' in file.read_text()}

    assert set(BY_NAME) == programs - NOT_ALONE


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_benchmark_knows_the_flags_that_the_suite_gives_it(benchmark):
    source = (FOLDER / f"{benchmark.name}.py").read_text()
    source += (FOLDER / "judged_rows.py").read_text() if "add_options(parser)" in source else ""
    given = {name: ["somewhere"] for name in ("data", "texts", "news", "sizes")}

    arguments = {*benchmark.arguments(quick=True, given=given), *benchmark.arguments(quick=False, given=given)}

    assert {flag for flag in arguments if flag.startswith("--") and f'"{flag}"' not in source} == set()


def test_growth_at_default_sizes_stays_below_100_million():
    assert BY_NAME["growth"].arguments(quick=False, given={}) == ("--json",)
    assert BY_NAME["growth"].arguments(quick=False, given={"sizes": ["all"]}) == ("--sizes", "all", "--json")


def test_benchmark_without_what_it_needs_says_what_it_lacks():
    assert BY_NAME["sentiment_value"].lacks({"data": ["candles"], "news": []}) == ["news"]
    assert BY_NAME["serve"].lacks({}) == []


def test_page_shows_wholes_and_no_parts():
    quality = BY_NAME["forecast_quality"]

    assert quality.shows(row("auc", symbol="pooled"), pooled=True)
    assert not quality.shows(row("auc", symbol="BTC/USDT"), pooled=True)
    assert quality.shows(row("auc", symbol="BTC/USDT"), pooled=False)
    assert not quality.shows(row("auc", symbol="pooled", quarter="2021Q1"), pooled=True)
    assert not quality.shows(row("width_90", symbol="pooled"), pooled=True)
    assert not BY_NAME["interval_kinds"].shows(row(level=0.5), pooled=False)


def test_chosen_benchmarks_come_in_the_order_of_the_suite():
    assert [benchmark.name for benchmark in chosen("serve,ingest")] == ["ingest", "serve"]
    assert len(chosen("")) == len(BENCHMARKS)


def test_unknown_benchmark_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="no benchmark is called srve; there are cache, capacity"):
        chosen("srve")
