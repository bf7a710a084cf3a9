from candlecast.errors import AccessError
from tests.fakes.models import make_model
from tests.fakes.service import make_readiness
from ui.models_page.changing import asking_panel, changing_panel, told_panel
from ui.models_page.orders import Order
from ui.models_page.shelf import Shelf

CHAMPION, FORMER = make_model("aa11"), make_model("bb22", status="retired")
SHELF = Shelf([CHAMPION, FORMER], make_readiness())


def test_changing_panel_offers_a_rollback_of_the_champion_and_a_promotion_of_others():
    assert 'data-ask="rollback:aa11"' in changing_panel(SHELF, CHAMPION)
    assert 'data-ask="promote:bb22"' in changing_panel(SHELF, FORMER)


def test_changing_panel_offers_nothing_for_a_model_without_files():
    assert "data-ask" not in changing_panel(SHELF, make_model("cc33", status="retired", pruned=True))


def test_asking_panel_names_both_models_and_only_its_yes_is_confirmed():
    text = asking_panel(SHELF, Order("promote", "bb22", confirmed=False), FORMER)

    assert "xgboost bb220000" in text
    assert "in place of xgboost aa110000" in text
    assert 'data-ask="promote!:bb22"' in text


def test_told_panel_of_a_refusal_says_that_nothing_changed():
    text = told_panel(Order("promote", "bb22", confirmed=True), AccessError("the key was refused", status=403))

    assert "the key was refused" in text
    assert "Nothing changed." in text
