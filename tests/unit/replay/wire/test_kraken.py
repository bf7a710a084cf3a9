import pytest

from candlecast.market.symbols import Symbol
from candlecast.replay.wire.kraken import asset_id, pair_id


@pytest.mark.parametrize(
    ("asset", "expected"), [("BTC", "XXBT"), ("DOGE", "XXDG"), ("ETH", "XETH"), ("USD", "ZUSD"), ("SOL", "SOL")]
)
def test_asset_id_has_krakens_codes_and_prefixes(asset, expected):
    assert asset_id(asset) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("BTC/USD", "XXBTZUSD"), ("BTC/USDT", "XBTUSDT"), ("SOL/USD", "SOLUSD"), ("ETH/BTC", "ETHXBT")],
)
def test_pair_id_has_prefixes_for_old_coins_in_state_money(name, expected):
    assert pair_id(Symbol.parse(name)) == expected
