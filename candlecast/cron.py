"""When is a cron line due? Minute, hour, day, month, weekday, in UTC."""

from dataclasses import dataclass
from datetime import datetime

from croniter import croniter

from candlecast.errors import InvalidRequestError

_FIELDS = 5


@dataclass(frozen=True, slots=True)
class CronLine:
    """A line as ``15 6 * * *``; its slots are the moments that it names.

    Parameters
    ----------
    text : str
        Five fields; names of months and weekdays, ranges, lists and steps are understood.
    """

    text: str

    @classmethod
    def parse(cls, text: str, *, name: str) -> "CronLine":
        """Return the line that `text` says.

        Parameters
        ----------
        text : str
            Five fields.
        name : str
            What the message calls it.

        Raises
        ------
        InvalidRequestError
            When it is no cron line, or names no moment at all, as the 30th of February.
        """
        line = " ".join(text.split())
        if len(line.split()) != _FIELDS or not croniter.is_valid(line, strict=True):
            raise InvalidRequestError(
                f"{name} must be a cron line of five fields that come true, as '15 6 * * *' (minute hour day month "
                f"weekday, UTC), or empty for never, was {text[:60]!r}"
            )
        return cls(line)

    def latest(self, now: datetime) -> datetime:
        """Return the newest slot that is not after `now`."""
        moment = now.replace(second=0, microsecond=0)
        if croniter.match(self.text, moment):
            return moment
        earlier: datetime = croniter(self.text, moment).get_prev(datetime)
        return earlier

    def next(self, now: datetime) -> datetime:
        """Return the first slot after `now`."""
        later: datetime = croniter(self.text, now).get_next(datetime)
        return later
