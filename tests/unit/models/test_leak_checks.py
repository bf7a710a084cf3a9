"""Does each gate catch the leak that it is for, in the real pipeline with that leak planted?"""

from dataclasses import replace

import numpy as np
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.models.fitting import fit_model
from candlecast.models.leak_checks import Pipeline, check_leaks
from candlecast.models.rows import collect_rows, feature_tables
from tests.trained import small_config, small_panel

PANEL = {name: candles.tail(1_400).reset_index(drop=True) for name, candles in small_panel().items()}


def gates(**parts):
    return {gate.name: gate for gate in check_leaks(PANEL, config=small_config(), pipeline=Pipeline(**parts))}


def leaky_tables(panel):
    """A feature shifted to the next candle, and one that counts from the start."""
    tables = feature_tables(panel)
    return {
        name: table.assign(
            tomorrow=panel[name]["close"].pct_change().shift(-1),
            since_start=panel[name]["close"] / panel[name]["close"].iloc[0],
        )
        for name, table in tables.items()
    }


def scaled_by_all(panel, **choices):
    """A scaler that is fitted on the whole history, the test part included."""
    rows, skipped = collect_rows(panel, **choices)
    spread = np.nanstd(rows.features, axis=0)
    return replace(rows, features=(rows.features / np.where(spread > 0, spread, 1)).astype(np.float32)), skipped


def without_purge(config, rows):
    honest = config.walk_forward().split(rows.closes, rows.closes)
    return [replace(fold, train=np.flatnonzero(rows.closes < fold.cutoff)) for fold in honest]


def taught_by_the_test_part(rows, *, train, config):
    """Labels made afresh of all returns, and all rows learned from."""
    change = rows.column("log_return")
    true = np.where(np.isfinite(change), (change > 0).astype(float), np.nan)
    taught = replace(rows, targets=rows.targets.assign(direction=true))
    return fit_model(taught, train=np.arange(len(rows.closes)), config=config)


def test_pipeline_of_training_passes_every_gate():
    found = gates()

    assert [name for name, gate in found.items() if not gate.passed] == []
    assert len(found) == 6


def test_planted_features_folds_and_scaler_are_each_caught_by_their_gate():
    found = gates(tables=leaky_tables, collect=scaled_by_all, split=without_purge)

    assert "tomorrow" in found["prefix invariance"].finding
    assert "since_start" not in found["prefix invariance"].finding
    assert "since_start" in found["window invariance"].finding
    assert not found["purge"].passed
    assert not found["future of the test part"].passed
    assert found["shuffled labels"].passed


def test_model_taught_by_the_test_part_is_caught_by_shuffled_labels():
    found = gates(fit=taught_by_the_test_part)

    assert not found["shuffled labels"].passed
    assert not found["future of the test part"].passed
    assert found["prefix invariance"].passed


def test_too_few_candles_for_the_checks_are_named():
    with pytest.raises(InsufficientHistoryError):
        check_leaks({"BTC/USDT": PANEL["BTC/USDT"].head(400)}, config=small_config())
