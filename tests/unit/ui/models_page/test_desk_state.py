from candlecast.errors import AccessError
from tests.fakes.models import make_model
from tests.fakes.service import make_readiness
from ui.models_page.desk_state import DeskState
from ui.models_page.orders import Order
from ui.models_page.shelf import Shelf

CHAMPION, FORMER = make_model("aa11"), make_model("bb22", status="retired")
SHELF = Shelf([CHAMPION, FORMER], make_readiness())
ASKED = Order("promote", "bb22", confirmed=False)


def test_question_stays_while_the_page_refreshes_on_the_same_model():
    waiting = DeskState(ASKED, FORMER, None, "bb22")

    assert 'data-ask="promote!:bb22"' in waiting.panel(SHELF, FORMER)


def test_question_is_over_once_another_model_is_shown():
    waiting = DeskState(ASKED, FORMER, None, "bb22")

    assert 'data-ask="rollback:aa11"' in waiting.panel(SHELF, CHAMPION)
    assert "promote!" not in waiting.panel(SHELF, CHAMPION)


def test_refusal_stays_readable_while_the_page_refreshes():
    refused = DeskState(ASKED, FORMER, AccessError("the key was refused"), "bb22")

    assert "the key was refused" in refused.panel(SHELF, FORMER)


def test_desk_without_an_order_offers_what_fits_the_model():
    assert 'data-ask="promote:bb22"' in DeskState().panel(SHELF, FORMER)
