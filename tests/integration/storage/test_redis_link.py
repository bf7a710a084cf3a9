import asyncio

from candlecast.storage.redis_link import RedisLink


def test_silent_redis_is_left_alone_after_one_time_out():
    connections: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    async def use() -> list[object]:
        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        link = RedisLink(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        answers = [await link.ask(lambda redis: redis.ping()) for _ in range(5)]
        await link.close()
        for writer in connections:
            writer.close()
        server.close()
        await server.wait_closed()
        return answers

    assert asyncio.run(use()) == [None] * 5
    assert len(connections) == 1


def test_restarted_redis_answers_the_next_question(valkey):
    async def use() -> list[object]:
        link = RedisLink(valkey.url)
        answers = [await link.ask(lambda redis: redis.ping())]
        valkey.stop()
        valkey.start()
        answers.append(await link.ask(lambda redis: redis.ping()))
        await link.close()
        return answers

    assert asyncio.run(use()) == [True, True]


def test_patient_question_outlasts_the_time_out_of_others(valkey):
    async def use() -> list[object]:
        link = RedisLink(valkey.url)
        answers = [await link.ask_patiently(lambda redis: redis.blpop("nothing", 1.2)), await link.ask(_ping)]
        await link.close()
        return answers

    assert asyncio.run(use()) == [None, True]


async def _ping(redis) -> bool:
    return await redis.ping()
