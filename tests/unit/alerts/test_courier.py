"""Is each message sent once, tried again, held back and written down? A scripted channel and store."""

import asyncio

import pytest
import stamina

from candlecast.alerts.channels import DeliveryError
from candlecast.alerts.courier import ATTEMPTS, Courier
from candlecast.errors import StorageError
from candlecast.storage.postgres.alert_deliveries import Waiting


class ScriptedChannel:
    """Refuses its first `n_refusals` messages."""

    name = "ops"

    def __init__(self, n_refusals=0):
        self.n_refusals = n_refusals
        self.sent = []

    def send(self, *, title, message):
        if self.n_refusals > 0:
            self.n_refusals -= 1
            raise DeliveryError("error=500")
        self.sent.append(message)


class FakeStore:
    """Holds messages and what became of them."""

    def __init__(self, *ages_s):
        self.messages = {number: Waiting(number, "t", f"m{number}", age_s) for number, age_s in enumerate(ages_s)}
        self.settled = {}

    def waiting(self, channel):
        return [one for number, one in self.messages.items() if number not in self.settled]

    def n_sent(self, channel, *, within_s):
        return sum(state == "sent" for state, _, _ in self.settled.values())

    def settle(self, delivery_id, state, *, attempts, reason):
        self.settled[delivery_id] = (state, attempts, reason)


def deliver(channel, store, *, max_per_hour=10):
    with stamina.set_testing(True, attempts=ATTEMPTS):
        return asyncio.run(Courier(channel, store, max_per_hour=max_per_hour).round())


def test_messages_are_sent_in_order_and_written_down():
    channel, store = ScriptedChannel(), FakeStore(1.0, 1.0)

    assert deliver(channel, store) == 2
    assert channel.sent == ["m0", "m1"]
    assert store.settled == {0: ("sent", 1, None), 1: ("sent", 1, None)}


def test_refused_message_is_tried_again():
    store = FakeStore(1.0)

    deliver(ScriptedChannel(n_refusals=2), store)

    assert store.settled == {0: ("sent", 3, None)}


def test_message_that_is_never_taken_is_written_down_with_the_reason():
    store = FakeStore(1.0)

    deliver(ScriptedChannel(n_refusals=100), store)

    assert store.settled == {0: ("failed", ATTEMPTS, "error=500")}


def test_channel_that_had_its_share_of_the_hour_gets_no_more():
    channel, store = ScriptedChannel(), FakeStore(1.0, 1.0, 1.0)

    deliver(channel, store, max_per_hour=2)

    assert channel.sent == ["m0", "m1"]
    assert store.settled[2] == ("limited", 0, "the channel takes 2 messages an hour")


def test_message_that_waited_for_an_hour_is_not_sent():
    channel, store = ScriptedChannel(), FakeStore(7_200.0)

    deliver(channel, store)

    assert channel.sent == []
    assert store.settled[0] == ("expired", 0, "it waited for 120 minutes")


async def until_settled(courier, store):
    async with asyncio.timeout(5):
        while not store.settled:
            courier.wake()
            await asyncio.sleep(0.001)


def test_courier_cancelled_in_the_moment_it_is_woken_ends():
    channel, store = ScriptedChannel(), FakeStore(1.0)

    async def work():
        courier = Courier(channel, store, max_per_hour=10)
        running = asyncio.create_task(courier.run())
        await until_settled(courier, store)
        await asyncio.sleep(0.05)
        courier.wake()
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=5)
        assert done == {running}

    asyncio.run(work())


def test_courier_whose_database_is_down_goes_on_when_woken():
    class DownAtFirst(FakeStore):
        n_asked = 0

        def waiting(self, channel):
            self.n_asked += 1
            if self.n_asked == 1:
                raise StorageError("the database does not answer")
            return super().waiting(channel)

    channel, store = ScriptedChannel(), DownAtFirst(1.0)

    async def work():
        courier = Courier(channel, store, max_per_hour=10)
        running = asyncio.create_task(courier.run())
        await until_settled(courier, store)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(work())

    assert channel.sent == ["m0"]
