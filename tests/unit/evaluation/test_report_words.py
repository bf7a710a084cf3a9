from candlecast.evaluation.full_report import Protocol, full_report
from candlecast.evaluation.report_words import (
    as_lines,
    bounds,
    coverage_rows,
    fold_rows,
    number,
    pooled_rows,
    protocol_words,
    symbol_rows,
)
from tests.forecasts_frame import make_forecasts

REPORT = full_report(make_forecasts(), protocol=Protocol("1h", 1, 3, embargo_candles=24, train_candles=8_760))


def test_protocol_says_how_the_folds_were_made():
    words = protocol_words(REPORT)

    assert "3 rolling (8,760 candles) folds, 2024-01-01 to 2024-01-13" in words
    assert "purge of 1 and embargo of 24 candles" in words
    assert "n = 900" in words


def test_pooled_table_has_a_row_a_figure():
    rows = pooled_rows(REPORT)

    names = [row[0] for row in rows]
    assert "accuracy" in names
    assert not [name for name in names if "tercile" in name or "quarter" in name]
    assert next(row for row in rows if row[0] == "accuracy")[4].startswith("majority ")


def test_coverage_table_has_a_row_for_each_third_and_each_quarter():
    names = [row[0] for row in coverage_rows(REPORT)]

    assert names[1:3] == ["coverage_80 tercile low", "coverage_90 tercile low"]
    assert names[-1] == "coverage_90 quarter 2024Q1"


def test_symbol_table_has_a_row_a_symbol():
    assert [row[0] for row in symbol_rows(REPORT)] == ["symbol", "A", "B", "C"]


def test_fold_table_has_a_row_a_fold():
    assert [row[0] for row in fold_rows(REPORT)] == ["fold", "1", "2", "3"]


def test_what_is_undefined_is_a_dash():
    assert number(None) == "–"
    assert bounds({"low": None, "high": 1.0}) == ""
    assert (number(0.12345), number(-12.345)) == ("0.1235", "-12.35")


def test_lines_of_a_table_are_aligned():
    assert list(as_lines([["a", "n", "b"], ["long", "1,000", "x"]])) == ["a         n  b", "long  1,000  x"]
