"""How is a body taken in before anything is done with it? Whole, in time, and given on as if it came only then."""

import asyncio

from starlette.types import Message, Receive


async def whole_body(receive: Receive, *, limit_s: float) -> Message:
    """Return the body of a request as one message; ``http.disconnect`` where the client went before its end.

    Parameters
    ----------
    receive : callable
        Of the request; it bounds the size.
    limit_s : float
        Wall seconds for all of it.

    Raises
    ------
    TimeoutError
        When it is not whole in time.
    """
    body = bytearray()
    async with asyncio.timeout(limit_s):
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                return {"type": "http.request", "body": bytes(body), "more_body": False}
    return message


def given_on(message: Message, receive: Receive) -> Receive:
    """Return what yields `message` first, and then what `receive` does."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
