"""Runs a coroutine and holds it to leave nothing behind: no task, no connection, no error that nobody took."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_quietly(call: Coroutine[Any, Any, T]) -> T:
    """Return what `call` returns, and fail when it leaves tasks or unseen errors."""

    async def watched() -> T:
        noise: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))
        try:
            return await asyncio.wait_for(call, 30)
        finally:
            # Callbacks that are due at once may still run.
            for _ in range(5):
                await asyncio.sleep(0)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            gc.collect()
            assert not left, left
            assert not noise, noise

    return asyncio.run(watched())
