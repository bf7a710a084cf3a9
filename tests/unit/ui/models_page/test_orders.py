import asyncio

import pytest

from candlecast.errors import AccessError, InvalidRequestError
from candlecast.schemas import JobAccepted, ModelDetail
from candlecast.settings import Settings
from tests.fakes import FakeApi
from tests.fakes.models import make_model
from tests.loopback import serve_app
from ui.models_page.orders import Order, change, checked_key, start_training, start_tuning
from ui.site import make_site

KEY = "the-admin-key"


@pytest.fixture(scope="module")
def fake():
    return FakeApi(admin_key=KEY)


@pytest.fixture(scope="module")
def api_url(fake):
    with serve_app(fake.build()) as url:
        yield url


def ask(api_url, act):
    async def once():
        site = make_site(Settings(api={"url": api_url}))
        try:
            return await act(site)
        finally:
            await site.close()

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("promote:m1", Order("promote", "m1", confirmed=False)),
        ("promote!:m1", Order("promote", "m1", confirmed=True)),
        ("rollback!:m1", Order("rollback", "m1", confirmed=True)),
        ("keep", None),
        ("promote:", None),
        ("delete!:m1", None),
    ],
)
def test_order_is_read_from_what_a_button_asks(asked, order):
    assert Order.parse(asked) == order


def test_change_with_the_right_key_promotes(api_url, fake):
    result = ask(api_url, lambda site: change(site, Order("promote", "ffee00112233", True), fake.models[1], key=KEY))

    assert isinstance(result, ModelDetail)
    assert (result.id, result.status) == ("ffee00112233", "champion")


@pytest.mark.parametrize(("key", "said"), [("wrong", "the key was refused"), ("", "no key was sent")])
def test_change_with_a_wrong_key_says_so_and_what_to_do_without_the_key(api_url, fake, key, said):
    result = ask(api_url, lambda site: change(site, Order("promote", "x", True), make_model("x"), key=key))

    assert isinstance(result, AccessError)
    assert said in str(result)
    assert "--scope admin" in str(result)
    assert not key or f"'{key}'" not in str(result)


def test_training_that_is_started_answers_with_its_job(api_url, fake):
    order = {"symbols": ["BTC/USDT"], "horizon": 4, "algorithm": "logistic", "key": KEY}

    result = ask(api_url, lambda site: start_training(site, **order))

    assert isinstance(result, JobAccepted)
    assert result.id in fake.jobs


@pytest.mark.parametrize(("trials", "horizon", "named"), [(0, 1, "trials"), (20, 97, "horizon")])
def test_search_out_of_bounds_names_the_field_and_asks_nobody(trials, horizon, named):
    result = ask(
        "http://127.0.0.1:9",
        lambda site: start_tuning(site, symbols=[], horizon=horizon, trials=trials, key=""),
    )

    assert isinstance(result, InvalidRequestError)
    assert str(result).startswith(named)


@pytest.mark.parametrize("key", ["has space", "ключ", "x" * 201, "line\nbreak"])
def test_key_that_can_be_none_is_refused_without_being_shown(key):
    with pytest.raises(InvalidRequestError) as caught:
        checked_key(key)

    assert key not in str(caught.value)
