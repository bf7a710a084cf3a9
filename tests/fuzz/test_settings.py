"""Whatever the environment says: are the settings right, or refused in one line that names the one that is not?"""

import hypothesis
import pytest
from hypothesis import strategies as st
from pydantic import BaseModel

from candlecast.bootstrap import open_market, parse_symbols, resolve_market, venue_order
from candlecast.cron import CronLine
from candlecast.errors import InvalidRequestError
from candlecast.settings import Settings
from jobs import entry
from tests.fuzz.budget import searched
from tests.fuzz.outcome import result_of
from tests.fuzz.spoiling import odd_numbers, odd_texts, odd_times, scalars

NAMES = [
    f"CANDLECAST_{group}__{field}".upper()
    for group, info in Settings.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
    for field in info.annotation.model_fields
] + ["CANDLECAST_MARKET", "CANDLECAST_LOG_LEVEL", "CANDLECAST_DATABASE__PASSWORD_FILE", "CANDLECAST_MARKET__SYMBOLS__X"]
# an environment holds neither
texts = st.one_of(scalars.map(str), odd_numbers.map(str), odd_texts, odd_times, st.just('{"a": [1')).map(
    lambda text: text.replace("\x00", "").replace("\ud800", "?").encode("utf-8", "replace").decode()
)


@searched(200)
@hypothesis.given(given=st.dictionaries(st.sampled_from(NAMES), texts, min_size=1, max_size=3))
def test_environment_is_settings_or_refused_in_one_line(given):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "configure_logs", lambda *_, **__: None)
        patch.setitem(Settings.model_config, "env_file", None)
        for name, text in given.items():
            patch.setenv(name, text)

        settings = result_of(entry.load_settings, errors=InvalidRequestError)

        if settings is not None:
            settings.replay.url = ""
            result_of(lambda: open_market(settings), errors=InvalidRequestError)


@searched(60)
@hypothesis.given(text=st.text(max_size=30) | odd_texts | st.from_regex(r"[A-Z^/.=,\-0-9 ]{1,12}", fullmatch=True))
def test_list_of_symbols_or_venues_is_read_or_refused_in_one_line(text):
    result_of(lambda: parse_symbols(text, home="binance"), errors=InvalidRequestError)
    market = Settings(_env_file=None).market.model_copy(update={"venues": text})
    result_of(lambda: venue_order(market), errors=InvalidRequestError)


@searched(100)
@hypothesis.given(text=st.text(max_size=20) | odd_texts | st.from_regex(r"([0-9*/,\-]{1,5} ){4}[0-9*/,\-L#]{1,5}"))
def test_cron_line_is_read_and_has_a_next_slot_or_is_refused(text):
    from datetime import UTC, datetime

    now = datetime(2021, 1, 4, tzinfo=UTC)
    line = result_of(lambda: CronLine.parse(text, name="it"), errors=InvalidRequestError)

    if line is not None:
        assert line.latest(now) <= now < line.next(now)


def test_market_of_the_defaults_is_resolved():
    assert resolve_market(Settings(_env_file=None)).timeframe == "1h"
