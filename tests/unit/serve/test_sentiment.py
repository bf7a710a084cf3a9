"""Does the deployment answer many texts, single ones together, and its failures as problems? No cluster."""

import asyncio
from types import SimpleNamespace

import pytest
from structlog.contextvars import get_contextvars

from candlecast.errors import ModelNotReadyError
from candlecast.schemas import SentimentAnswer
from serve.sentiment import SentimentDeployment
from tests.fixed_engine import FixedEngine


class RecordingEngine(FixedEngine):
    """Notes how many texts it was asked for at once."""

    def __init__(self) -> None:
        super().__init__("vader", "1", [0.1, 0.2, 0.7])
        self.asked = []
        self.on_behalf_of = []

    def judge(self, texts):
        self.asked.append(len(texts))
        self.on_behalf_of.append(get_contextvars().get("request_id"))
        return super().judge(texts)


class FakeEngines:
    """Has one engine, and no model for the others."""

    def __init__(self, engine) -> None:
        self.engine = engine

    def get(self, name):
        if name != self.engine.name:
            raise ModelNotReadyError("there is no folder nowhere")
        return self.engine


@pytest.fixture(scope="module")
def runner():
    """One loop for all tests: the queue of `serve.batch` belongs to the class."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def engine(monkeypatch):
    engine = RecordingEngine()
    monkeypatch.setenv("CANDLECAST_SENTIMENT__ENGINE", "vader")
    monkeypatch.setattr("serve.sentiment.Engines", lambda settings: FakeEngines(engine))
    # Serve asks there whether batches can fill
    config = SimpleNamespace(_deployment_config=SimpleNamespace(max_ongoing_requests=64))
    monkeypatch.setattr("ray.serve.get_replica_context", lambda: config)
    return engine


@pytest.fixture
def ask(runner, engine):
    """Return what a question answers, asked of a replica that has just been made and warmed."""

    async def on_the_loop(question):
        replica = SentimentDeployment.func_or_class()
        replica.reconfigure({"max_batch_size": 16, "batch_wait_timeout_s": 0.02})
        await replica._warming
        return await question(replica)

    return lambda question: runner.run(on_the_loop(question))


def test_many_texts_are_one_answer_of_the_engine_of_the_settings(ask, engine):
    body, problem = ask(lambda replica: replica.judge_many([f"text {number}" for number in range(150)], None))

    answer = SentimentAnswer.model_validate_json(body)
    assert problem is None
    assert (answer.engine, answer.version, len(answer.scores)) == ("vader", "1", 150)
    assert answer.scores[0].score == pytest.approx(0.6)
    assert max(engine.asked) < 150


def test_single_texts_of_one_moment_are_judged_together(ask, engine):
    async def at_once(replica):
        return await asyncio.gather(*(replica.judge_one(f"text {number}", None) for number in range(12)))

    replies = ask(at_once)

    assert [len(SentimentAnswer.model_validate_json(body).scores) for body, _ in replies] == [1] * 12
    # the first one is from warming up
    assert engine.asked == [1, 12]


def test_engines_work_under_the_ids_of_those_who_asked(ask, engine):
    async def one_after_the_other(replica):
        await replica.judge_many(["up", "down"], None, "many-1")
        await asyncio.gather(*(replica.judge_one(f"one {number}", None, f"one-{number}") for number in range(2)))

    ask(one_after_the_other)

    # warming up is nobody's
    assert engine.on_behalf_of == [None, "many-1", "one-0 one-1"]


def test_missing_model_is_a_problem_to_those_who_asked_for_it_only(ask):
    async def at_once(replica):
        return await asyncio.gather(*(replica.judge_one("up", name) for name in ("vader", "transformer", None)))

    replies = ask(at_once)

    assert [problem and problem["status"] for _, problem in replies] == [None, 503, None]
    _, problem = ask(lambda replica: replica.judge_many(["a", "b"], "transformer"))
    assert problem["detail"] == "there is no folder nowhere"
