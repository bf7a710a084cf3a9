"""Does the page carry each figure with its conditions?"""

from suite_comparison import Comparison
from suite_list import BENCHMARKS
from suite_page import page, shown, summary

from tests.unit.benchmarks.rows import outcome, row

SERVE = next(benchmark for benchmark in BENCHMARKS if benchmark.name == "serve")


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| serve")]


def test_row_of_the_page_tells_figure_peer_bar_and_how_it_was_taken():
    held = row(
        connections=16, low=1.5, high=2.5, interval_of="ratio", peer_is="bare", bars=[{"field": "ratio", "least": 1.1}]
    )

    [line] = lines_of(page({"serve": outcome(results=[held], others_cpus=1.4)}, None))

    assert line == (
        "| serve | latest_rps, 16 connections | 100 req/s | 50 (bare) | 2.00 [1.5, 2.5] | ratio ≥ 1.1 | 3 | "
        "quick, 2026-11-23 10:00, `abc1234`, 1.4 of 2 CPUs busy |"
    )


def test_missed_bar_is_told_in_its_row_and_below():
    missed = outcome(status="missed a bar", said="too slow", results=[row(bars=[{"field": "ratio", "least": 3.0}])])

    text = page({"serve": missed}, None)

    assert "ratio ≥ 3 **missed**" in lines_of(text)[0]
    assert "- `serve` (quick, 2026-11-23 10:00): missed a bar: too slow" in text


def test_benchmark_that_failed_has_no_row_and_its_reason():
    text = page({"serve": outcome(status="failed", said="exit status 1: no port", results=[])}, None)

    assert lines_of(text) == []
    assert "failed: exit status 1: no port" in text


def test_row_that_could_not_be_measured_says_why():
    absent = row(ours=None, peer=None, ratio=None, n=0, not_measured="no engine: none answers")

    assert "| no engine: none answers |  |  |  | 0 |" in lines_of(page({"serve": outcome(results=[absent])}, None))[0]


def test_page_names_machine_versions_and_what_got_worse():
    compared = Comparison(["serve: latest_rps: ratio 2 before, 1 now"], [], 7, {"not measured before": 2})

    text = page({"serve": outcome()}, compared)

    assert "Measured on 2 CPUs (Test CPU), 8 GB, Linux, Python 3.11.7; ray 2.60.0." in text
    assert "7 figures were compared with those of the run before. 2 were not: not measured before." in text
    assert "- serve: latest_rps: ratio 2 before, 1 now" in text


def test_rows_come_in_the_order_of_the_suite():
    text = page({"serve": outcome(), "ingest": outcome("ingest")}, None)

    assert text.index("| ingest |") < text.index("| serve |")


def test_summary_for_a_terminal_has_a_line_a_figure():
    told = summary(SERVE, outcome(status="missed a bar", said="too slow")).splitlines()

    assert told[0] == "serve: missed a bar after 12 s: too slow"
    assert "peer 50  ratio 2.00" in told[1]


def test_figures_are_shown_with_three_digits_or_thousands_apart():
    assert [shown(value) for value in (0.012345, 12.345, 12_345.6, None, 0)] == [
        "0.0123",
        "12.3",
        "12,346",
        "undefined",
        "0",
    ]


def test_claims_of_the_report_stand_beside_our_figures_or_their_absence():
    hits = row("hit_rate", ours=0.98, unit="share")

    text = page({"cache": outcome("cache", results=[hits])}, None)

    assert "| 92 % of cache reads are hits | hit_rate 0.98 share |" in text
    assert "| starts in 45 s | `start` has no figure |" in text
