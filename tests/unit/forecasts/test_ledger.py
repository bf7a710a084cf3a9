from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlecast.forecasts.ledger import GENESIS, LedgerEntry, LedgerRow, row_hash, verify_chain
from tests.storage_builders import make_entry


def _chain(n: int) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    for hour in range(n):
        previous = rows[-1].row_hash if rows else GENESIS
        entry = make_entry(hour)
        rows.append(LedgerRow(hour + 1, entry, row_hash(entry, previous), previous))
    return rows


def _with(entry: LedgerEntry, **changes: object) -> LedgerEntry:
    return replace(entry, forecast=entry.forecast.model_copy(update=changes))


def test_row_hash_of_known_entry_stays_the_same():
    digest = row_hash(make_entry(), GENESIS)

    # Written out, because a change of the canonical form would break every stored chain.
    assert digest == "e27908c846e61aff25ad639ea2c6f56f669f36249cf68b5498aca7bd9621594a"


def test_row_hash_in_another_time_zone_is_equal():
    entry = make_entry()
    elsewhere = entry.forecast.made_at.astimezone(timezone(timedelta(hours=5)))

    assert row_hash(_with(entry, made_at=elsewhere), GENESIS) == row_hash(entry, GENESIS)


def test_row_hash_of_minus_zero_equals_that_of_zero():
    assert row_hash(make_entry(expected_log_return=-0.0), GENESIS) == row_hash(
        make_entry(expected_log_return=0.0), GENESIS
    )


@pytest.mark.parametrize(
    "changes",
    [{"p_up": 0.54}, {"last_close": 1.0}, {"abstain_reason": "x"}, {"intervals": []}, {"horizon": 2}, {"drivers": []}],
)
def test_row_hash_of_changed_forecast_differs(changes):
    entry = make_entry()

    assert row_hash(_with(entry, **changes), GENESIS) != row_hash(entry, GENESIS)


def test_row_hash_of_other_features_differs():
    entry = make_entry()

    assert row_hash(replace(entry, features_digest="00"), GENESIS) != row_hash(entry, GENESIS)


def test_verify_chain_of_untouched_rows_finds_nothing():
    rows = _chain(5)

    assert verify_chain(rows, head=rows[-1].row_hash) == []


def test_verify_chain_of_no_rows_finds_nothing():
    assert verify_chain([], head=GENESIS) == []


def test_verify_chain_with_cut_tail_names_the_end():
    rows = _chain(5)

    breaks = verify_chain(rows[:-1], head=rows[-1].row_hash)

    assert [broken.row_id for broken in breaks] == [0]
    assert "cut off" in breaks[0].reason


@given(n=st.integers(2, 6), data=st.data())
def test_verify_chain_with_any_row_removed_finds_a_break(n, data):
    rows = _chain(n)
    removed = data.draw(st.integers(0, n - 1))

    breaks = verify_chain(rows[:removed] + rows[removed + 1 :], head=rows[-1].row_hash)

    assert breaks


@given(n=st.integers(1, 5), p_up=st.floats(0, 1), data=st.data())
def test_verify_chain_with_changed_probability_names_the_row(n, p_up, data):
    rows = _chain(n)
    touched = data.draw(st.integers(0, n - 1))
    rows[touched] = replace(rows[touched], entry=_with(rows[touched].entry, p_up=p_up))

    breaks = verify_chain(rows, head=rows[-1].row_hash)

    assert [broken.row_id for broken in breaks] == ([touched + 1] if p_up != 0.53 else [])
