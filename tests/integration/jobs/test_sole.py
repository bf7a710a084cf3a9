import pytest

from candlecast.errors import StackError
from candlecast.settings import Settings
from jobs.sole import only_one

SYMBOLS = [f"S{number}/USDT" for number in range(5)]


def test_work_that_somebody_does_already_is_refused_in_words(postgres):
    settings = Settings(database={"url": postgres.app_url}, _env_file=None)
    second = only_one(settings, "the training", symbols=SYMBOLS[::-1])

    with only_one(settings, "the training", symbols=SYMBOLS):
        with only_one(settings, "the training", symbols=SYMBOLS[:2]):
            pass
        with (
            pytest.raises(StackError, match=r"training of S4/USDT, .* and 1 more is running already"),
            second,
        ):
            pass
