"""How long does the first start take, and is everything green at its end?"""

from candlecast.client import CandlecastClient
from tests.compose.conftest import SYMBOLS
from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack
from tests.compose.truth import Truth

FIRST_START_S = 180


def test_first_start_with_backfill_and_training_ends_all_green(
    stack: ComposeStack, client: CandlecastClient, figures: Figures
):
    readiness = client.readiness()

    assert readiness.ready
    assert [check for check in readiness.checks if not check.ok] == []
    assert sorted(readiness.data_age_s) == SYMBOLS
    figures.note("deploying, loading history, training", f"{stack.ran_s('deploy'):8.1f} s")
    figures.bound("first start, backfill and training included", figures.first_start_s, most=FIRST_START_S)


def test_first_start_stores_the_history_of_the_recording(stack: ComposeStack, truth: Truth):
    assert truth.difference() == ""
    assert len(truth.stored()) > 3_000 * len(SYMBOLS)


def test_first_start_trains_and_promotes_one_model(stack: ComposeStack):
    assert stack.query("SELECT status, count(*) FROM model_metadata GROUP BY 1") == [["champion", "1"]]
