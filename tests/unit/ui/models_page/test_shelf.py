from datetime import timedelta

import pytest

from tests.fakes import NOW
from tests.fakes.models import make_model
from tests.fakes.service import make_readiness
from ui.models_page.shelf import Shelf, standing

CHAMPION = make_model("champion")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": "candidate", "trained_at": NOW}, "challenger"),
        ({"status": "candidate", "trained_at": NOW - timedelta(days=9)}, "candidate"),
        ({"status": "candidate", "trained_at": NOW, "horizon": 4}, "candidate"),
        ({"status": "retired"}, "retired"),
        ({"status": "retired", "pruned": True}, "pruned"),
    ],
)
def test_standing_of_a_model_goes_by_the_champion_of_its_own_horizon(changes, state):
    model = make_model("other", **changes)

    assert standing(model, [CHAMPION, model]) == state


def test_champion_of_the_shelf_is_the_one_promoted_last():
    older = make_model("older", horizon=4, promoted_at=NOW - timedelta(days=9))
    shelf = Shelf([older, CHAMPION, make_model("x", status="retired")], make_readiness())

    assert shelf.champion() == CHAMPION
    assert shelf.find("older") == older
    assert shelf.find("") is None
