"""What may be asked of the desk of the models? Each order read from a button or a form, then carried out with a key."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from pydantic import ValidationError

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import AccessError, CandlecastError, InvalidRequestError
from candlecast.schemas import Algorithm, JobAccepted, ModelDetail, RollbackRequest, TrainRequest, TuneRequest
from ui.site import Site

Result = TypeVar("Result")
Verb = Literal["promote", "rollback"]

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Order:
    """A change of what serves, as a button asks for it.

    Parameters
    ----------
    verb : str
        ``promote`` or ``rollback``.
    model_id : str
        The model to promote; for a rollback the champion that shall go.
    confirmed : bool
        False: the reader shall be asked first.
    """

    verb: Verb
    model_id: str
    confirmed: bool

    @classmethod
    def parse(cls, asked: str) -> "Order | None":
        """Read the ``data-ask`` of a button, as ``promote:ID`` or ``promote!:ID``; None for another one."""
        head, _, model_id = asked.partition(":")
        confirmed, verb = head.endswith("!"), head.removesuffix("!")
        if not model_id:
            return None
        if verb == "promote":
            return cls("promote", model_id, confirmed)
        return cls("rollback", model_id, confirmed) if verb == "rollback" else None


async def change(site: Site, order: Order, model: ModelDetail, *, key: str) -> ModelDetail | CandlecastError:
    """Carry out a confirmed order about `model` and return the model that serves now, or why nothing changed."""
    if order.verb == "promote":
        return await _as_admin(site, key, lambda client: client.promote(model.id))
    wanted = RollbackRequest.model_validate({"timeframe": model.timeframe, "horizon": model.horizon})
    return await _as_admin(site, key, lambda client: client.rollback(wanted))


async def start_training(
    site: Site, *, symbols: Sequence[str], horizon: int | None, algorithm: str, key: str
) -> JobAccepted | CandlecastError:
    """Have a model trained; without symbols on all that are followed."""
    try:
        request = TrainRequest.model_validate(
            {"symbols": list(symbols) or None, "horizon": horizon, "algorithm": algorithm}
        )
    except ValidationError as error:
        return _invalid(error)
    return await _as_admin(site, key, lambda client: client.train(request))


async def start_tuning(
    site: Site, *, symbols: Sequence[str], horizon: int | None, trials: int | None, key: str
) -> JobAccepted | CandlecastError:
    """Have parameters searched; without symbols on all that are followed."""
    try:
        request = TuneRequest.model_validate({"symbols": list(symbols) or None, "horizon": horizon, "trials": trials})
    except ValidationError as error:
        return _invalid(error)
    return await _as_admin(site, key, lambda client: client.tune(request))


async def _as_admin(
    site: Site, key: str, ask: Callable[[AsyncCandlecastClient], Awaitable[Result]]
) -> Result | CandlecastError:
    try:
        async with site.as_admin(checked_key(key)) as client:
            return await ask(client)
    except AccessError as error:
        return refused(error, has_key=bool(key.strip()))
    except CandlecastError as error:
        return error
    finally:
        # whatever became of it, the next question must see it
        site.answers.renew()


def _invalid(error: ValidationError) -> InvalidRequestError:
    found = error.errors()[0]
    name = ".".join(str(part) for part in found["loc"])
    given = str(found["input"])[:40]
    return InvalidRequestError(f"{name} cannot be {given!r}: {found['msg'].lower()}; change it and start again")


def checked_key(key: str) -> str:
    """Return a key as it may stand in a header, "" for none.

    Raises
    ------
    InvalidRequestError
        When it cannot be a key; the message never shows it.
    """
    found = key.strip()
    if len(found) > LONGEST_KEY or not found.isascii() or not found.isprintable() or " " in found:
        raise InvalidRequestError(
            f"this is no key: a key has up to {LONGEST_KEY} letters, digits and signs without a space, this text has "
            f"{len(found)} characters; copy it as `candlecast keys create` printed it"
        )
    return found


def refused(error: AccessError, *, has_key: bool) -> AccessError:
    """Return the refusal of a key with the next step; never the key."""
    step = "enter a key of scope admin under “Admin key”; `candlecast keys create NAME --scope admin` makes one"
    what = "the key was refused" if has_key else "no key was sent"
    return AccessError(f"{what}: {error}; {step}", status=error.status)
