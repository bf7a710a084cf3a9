import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.venues.factory import open_venue
from candlecast.settings import MarketSettings


def test_open_venue_with_a_misspelt_name_names_the_near_one(tmp_path):
    with pytest.raises(
        InvalidRequestError, match="bybit, okx, yahoo or another one of ccxt, was 'binanse'; did you mean binance"
    ):
        open_venue("binanse", market=MarketSettings(), cache_folder=tmp_path)


def test_open_venue_with_an_unrelated_name_lists_all(tmp_path):
    with pytest.raises(InvalidRequestError, match=r"one of binance, .*, was 'zzz'$"):
        open_venue("zzz", market=MarketSettings(), cache_folder=tmp_path)
