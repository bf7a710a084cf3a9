"""When do jobs run by themselves? The settings of the scheduler."""

from pydantic import BaseModel, Field


class SchedulerSettings(BaseModel):
    """Which jobs run by themselves, each by a cron line in UTC market time; an empty line: never."""

    enabled: bool = Field(True, description="run jobs by themselves; false: none does")
    backfill: str = Field("20 0 * * *", description="load candles that are missing anywhere in the followed history")
    score: str = Field("40 2 * * *", description="settle forecasts that the scorer left")
    verify: str = Field("10 4 * * *", description="check every chain of the record")
    train: str = Field("30 6 * * *", description="train a challenger, which takes over where it is surely better")
    news: str = Field("50 9 * * *", description="ask every feed once more than the news desk does")
    tune: str = Field("30 12 * * sun", description="search parameters, then train a challenger with the best")
    at_once: int = Field(2, ge=1, le=16, description="scheduled jobs that run at a time; others wait")
