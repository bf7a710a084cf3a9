import pytest

from ui.address import Address


def test_address_gives_its_fields():
    address = Address.parse("?symbol=BTC%2FUSDT&tf=1h&ind=rsi, bb,,rsi")

    assert address.text("symbol") == "BTC/USDT"
    assert address.words("ind") == ("rsi", "bb")
    assert address.has("tf")
    assert not address.has("range")
    assert address.text("range") == ""


@pytest.mark.parametrize("query", [None, "", "?", "%%%", "?=&&="])
def test_address_without_fields_is_empty(query):
    assert Address.parse(query).text("symbol") == ""


def test_empty_field_is_there():
    assert Address.parse("?ind=").has("ind")
    assert Address.parse("?ind=").words("ind") == ()


def test_address_of_any_length_is_read_with_bounds():
    address = Address.parse("?a=" + "x" * 1_000 + "".join(f"&f{i}=1" for i in range(1_000)))

    assert len(address.text("a")) == 200
    assert len(address.fields) == 40
