"""Can a reader resume where it was, and does it hear when it cannot?"""

import asyncio

from candlecast.storage.event_log import Entry, EventLog
from candlecast.storage.redis_link import RedisLink


def with_log(url: str, use) -> object:
    async def run() -> object:
        link = RedisLink(url)
        try:
            return await use(EventLog(link))
        finally:
            await link.close()

    return asyncio.run(run())


def payloads(entries: list[Entry] | None) -> list[tuple]:
    assert entries is not None
    return [entry.payloads for entry in entries]


def test_reader_is_given_what_came_between_two_reads(valkey):
    async def use(log: EventLog) -> object:
        start = await log.end()
        await log.append("news", [{"id": 1}, {"id": 2}])
        await log.append("drift", [{"id": 3}])
        first, position = await log.read(start, wait_s=5)
        await log.append("news", [{"id": 4}])
        second, _ = await log.read(position, wait_s=5)
        return payloads(first), payloads(second)

    assert with_log(valkey.url, use) == ([({"id": 1}, {"id": 2}), ({"id": 3},)], [({"id": 4},)])


def test_reader_without_news_waits_as_long_as_it_said(valkey):
    async def use(log: EventLog) -> object:
        return await log.read(await log.end(), wait_s=0.05)

    entries, position = with_log(valkey.url, use)

    assert (entries, position.kept) == ([], "0-0")


def test_prices_pass_without_an_id_and_push_nothing_out(valkey):
    async def use(log: EventLog) -> object:
        start = await log.end()
        await log.append("news", [{"id": 1}])
        for _ in range(600):
            await log.append("prices", [{"symbol": "BTC/USDT"}])
        found, position = await log.read(start, wait_s=5)
        return found, position, await log.forgot(start.kept)

    entries, position, forgot = with_log(valkey.url, use)

    assert entries[0].id == position.kept
    assert entries[0].channel == "news"
    assert {(entry.id, entry.channel) for entry in entries[1:]} == {(None, "prices")}
    assert len(entries) < 200
    assert not forgot


def test_log_gives_what_lies_between_two_ids_page_by_page(valkey):
    async def use(log: EventLog) -> object:
        for number in range(150):
            await log.append("news", [{"id": number}])
        until = (await log.end()).kept
        first = await log.between("0-0", until)
        return first, await log.between(first[-1].id, until)

    first, second = with_log(valkey.url, use)

    assert [entry.payloads[0]["id"] for entry in [*first, *second]] == list(range(150))


def test_log_tells_that_it_forgot_what_was_cut_off_or_lost(valkey):
    async def use(log: EventLog) -> object:
        assert await log.forgot("1700000000000-0")
        await log.append("news", [{"id": 0}])
        first = (await log.end()).kept
        kept = await log.forgot(first)
        for number in range(1_000):
            await log.append("news", [{"id": number}])
        return kept, await log.forgot(first), await log.forgot("9999999999999-0")

    assert with_log(valkey.url, use) == (False, True, True)


def test_follower_goes_on_behind_an_outage(valkey):
    async def use(log: EventLog) -> object:
        follower = log.follow()
        first = asyncio.create_task(anext(follower))
        await asyncio.sleep(0.1)
        await log.append("news", [{"id": 1}])
        heard = [await asyncio.wait_for(first, timeout=20)]
        valkey.stop()
        valkey.start()
        await log.append("news", [{"id": 2}])
        heard.append(await asyncio.wait_for(anext(follower), timeout=20))
        await follower.aclose()
        return payloads(heard)

    assert with_log(valkey.url, use) == [({"id": 1},), ({"id": 2},)]
