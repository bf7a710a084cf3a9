import pytest

from candlecast.models import origin
from candlecast.models.origin import Origin, candles_digest, code_commit
from tests.builders import make_candles

CANDLES = make_candles(50)


def test_digest_changes_with_any_price_and_not_with_the_index():
    changed = CANDLES.copy()
    changed.loc[20, "volume"] += 1e-9

    assert candles_digest(CANDLES.set_index(CANDLES.index + 5)) == candles_digest(CANDLES)
    assert candles_digest(changed) != candles_digest(CANDLES)


def test_origin_does_not_depend_on_the_order_of_symbols():
    panel = {"BTC/USDT": CANDLES, "ETH/USDT": CANDLES.iloc[:-1]}

    found = Origin.of(panel)

    assert found == Origin.of(dict(reversed(panel.items())))
    assert found.n_candles == 99
    assert found != Origin.of({"BTC/USDT": CANDLES})


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({"HEAD": "ref: refs/heads/main\n", "refs/heads/main": "abc123\n"}, "abc123"),
        ({"HEAD": "ref: refs/heads/main\n", "packed-refs": "# pack\nabc124 refs/heads/main\n"}, "abc124"),
        ({"HEAD": "abc125\n"}, "abc125"),
        ({}, None),
    ],
)
def test_commit_of_a_checkout_is_read_from_its_files(tmp_path, files, commit):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert origin._checked_out_commit(tmp_path) == commit


def test_commit_without_a_checkout_is_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr(origin, "_ROOT", tmp_path)
    monkeypatch.setattr(origin, "_installed_commit", lambda: None)
    code_commit.cache_clear()

    assert code_commit() == "unknown"
    code_commit.cache_clear()
