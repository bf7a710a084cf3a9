"""Is a replica that stops told from one that is only busy?"""

import asyncio

import pytest

from serve.draining import is_draining
from tests.loopback import free_port


def test_server_that_takes_no_connection_is_draining():
    assert asyncio.run(is_draining("127.0.0.1", free_port()))


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), ConnectionResetError(), TimeoutError()])
def test_server_that_cannot_be_asked_now_is_not_draining(monkeypatch, error):
    async def fails(host, port):
        raise error

    monkeypatch.setattr(asyncio, "open_connection", fails)

    assert not asyncio.run(is_draining("127.0.0.1", 1))
