"""Do messages arrive, and do addresses stay secret? A real receiver on loopback."""

import logging

import pytest

from candlecast.alerts.channels import Channel, DeliveryError, check_channels, open_channels, read_channels
from candlecast.errors import InvalidRequestError
from tests.alert_builders import receiving
from tests.loopback import free_port


def test_channels_are_read_by_name():
    text = "ops=jsons://host/hook?to=a,b=c  me=tgram://1:x/2\n"

    assert read_channels(text) == {"ops": "jsons://host/hook?to=a,b=c", "me": "tgram://1:x/2"}
    assert read_channels("") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ops=json://a secretword", "entry 2 is not"),
        ("Ops=json://secretword", "entry 1 is not"),
        ("a=json://secretword a=json://b", "'a' twice"),
    ],
)
def test_channels_that_cannot_be_read_are_refused_without_their_address(text, says):
    with pytest.raises(InvalidRequestError, match=says) as refused:
        read_channels(text)

    assert "secretword" not in str(refused.value)


def test_address_that_apprise_does_not_know_is_refused_without_it(capfd):
    with pytest.raises(InvalidRequestError, match="'ops': its address is not one that apprise knows") as refused:
        check_channels("ops=bogus://secretword")

    assert "secretword" not in str(refused.value) + capfd.readouterr().err


def test_channel_that_can_never_be_spoken_to_stops_no_other():
    with receiving() as receiver:
        bad, good = open_channels({"bad": "bogus://secretword", "good": receiver.address})
        good.send(title="t", message="m")
        with pytest.raises(DeliveryError, match="is not one that apprise knows"):
            bad.send(title="t", message="m")

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "address",
    [
        "jsons://host/hook",
        "tgram://123456789:abcdefg_hijklmnop/12315544",
        "discord://123456789012345678/abcdefghijabcdefghijabcdefghij",
        "mailtos://user:password@example.com?to=me@example.com",
    ],
)
def test_webhook_telegram_discord_and_mail_are_known(address):
    [channel] = open_channels({"one": address})

    assert (channel.name, channel.trouble) == ("one", None)


def test_webhook_gets_title_and_message():
    with receiving() as receiver:
        Channel("ops", receiver.address).send(title="BTC/USDT: price above 1", message="BTC/USDT price is 2")

    [body] = receiver.received
    assert (body["title"], body["message"]) == ("BTC/USDT: price above 1", "BTC/USDT price is 2")


def test_refusal_of_a_channel_says_why():
    with receiving() as receiver:
        receiver.failing = 1
        with pytest.raises(DeliveryError, match="error=500"):
            Channel("ops", receiver.address).send(title="t", message="m")


def test_secrets_of_an_address_are_neither_logged_nor_told(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    address = f"json://user:s3cretpassword@127.0.0.1:{free_port()}/hook-t0ken"

    with pytest.raises(DeliveryError) as failed:
        open_channels({"ops": address})[0].send(title="t", message="m")

    assert "onnection error" in str(failed.value)
    told = str(failed.value) + caplog.text + capfd.readouterr().err
    assert not [secret for secret in ("s3cretpassword", "hook-t0ken") if secret in told]


def test_secret_is_hidden_as_it_was_written_too():
    channel = Channel("ops", "json://user:s3cret%21word@127.0.0.1/hook")

    assert channel._hidden("POST of s3cret%21word, s3cret!word failed") == "POST of …, … failed"


def test_sender_that_breaks_is_a_failed_delivery_without_what_it_said(monkeypatch):
    channel = Channel("ops", "json://user:s3cretword@127.0.0.1/hook")

    def broken(**_):
        raise UnicodeError("s3cretword")

    monkeypatch.setattr(channel._plugin, "notify", broken)

    with pytest.raises(DeliveryError, match="its sender failed: UnicodeError") as failed:
        channel.send(title="t", message="m")
    assert "s3cretword" not in str(failed.value)
