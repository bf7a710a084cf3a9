import numpy as np
import pytest

from candlecast.storage.postgres.json_column import json_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"auc": np.float64(0.5)}, '{"auc":0.5}'),
        ({"lost": float("nan"), "far": float("inf")}, '{"lost":null,"far":null}'),
        ({1: np.array([1, 2])}, '{"1":[1,2]}'),
        ([], "[]"),
    ],
)
def test_json_value_is_written_as_the_database_reads_it(value, text):
    assert json_value(value).dumps(value) == text
