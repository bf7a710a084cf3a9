"""The conventions that every route of the API follows, put on in one place."""

from fastapi import FastAPI

from serve.api.described import describe
from serve.api.envelope import Envelope


def install_conventions(api: FastAPI) -> None:
    """Give `api` request ids, limits of size, and a document that names problems and keys.

    Call it last: what is added after it wraps it.
    """
    api.add_middleware(Envelope)
    describe(api)
