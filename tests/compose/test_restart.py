"""After ``down`` and ``up``: is everything still there, and how soon?"""

import time

from tests.compose.conftest import GREEN_LIMIT_S, START_LIMIT_S, SYMBOLS
from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack
from tests.compose.truth import Truth

RESTART_S = 60
_MODELS = "SELECT id, sha256, status FROM model_metadata ORDER BY 1"


def test_stack_taken_down_and_started_again_keeps_data_and_models(stack: ComposeStack, truth: Truth, figures: Figures):
    models, ledger, newest = stack.query(_MODELS), truth.ledger(), truth.newest()

    stopping_s, unnamed = time.monotonic(), stack.unnamed_volumes()
    stack.compose("rm", "--stop", "--force", "--volumes", limit_s=120)
    stack.compose("down", limit_s=60)
    starting_s = time.monotonic()
    left = stack.volumes()
    stack.up(limit_s=START_LIMIT_S)
    stack.wait_until_green(limit_s=GREEN_LIMIT_S)
    up_s = time.monotonic() - starting_s

    assert unnamed
    assert set(unnamed).isdisjoint(left)
    with stack.client() as client:
        forecast = client.forecast(symbol=SYMBOLS[0], timeframe="1h", horizon=1)
    assert stack.query(_MODELS) == models
    assert ledger <= truth.ledger()
    assert truth.newest() >= newest
    assert truth.difference() == ""
    assert forecast.as_of > newest
    figures.note("down", f"{starting_s - stopping_s:8.1f} s")
    figures.note("deploying again", f"{stack.ran_s('deploy'):8.1f} s")
    figures.bound("start with data and models of before", up_s, most=RESTART_S)
