"""Are the symbols of a file read, and what is wrong with it said in one line?"""

import pytest

from candlecast.errors import InvalidRequestError
from jobs.symbols_option import read_symbols


def test_read_symbols_without_a_file_leaves_the_option_as_it_is():
    assert read_symbols("BTC/USDT,AAPL") == "BTC/USDT,AAPL"
    assert read_symbols("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "BTC/USDT\nETH/USDT\nAAPL\n",
        "# followed\n\nbtc/usdt\n  ETH/USDT \nAAPL\nBTC/USDT",
        "symbol\nBTC/USDT\nETH/USDT\nAAPL\n",
        "name,Symbol,venue\nBitcoin,BTC/USDT,binance\nEther,ETH/USDT,binance\nApple,AAPL,yahoo\n",
        '\ufeffsymbol,rank\r\nBTC/USDT,1\r\nETH/USDT,2\r\n"AAPL",3\r\n',
    ],
)
def test_read_symbols_of_a_file_returns_each_name_once(tmp_path, text):
    file = tmp_path / "symbols.csv"
    file.write_text(text, newline="")

    assert read_symbols(f"@{file}") == "BTC/USDT,ETH/USDT,AAPL"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("symbl,venue\nBTC/USDT,binance\n", "rename 'symbl' to 'symbol'"),
        ("Symbols\nBTC/USDT\n", "rename 'Symbols' to 'symbol'"),
        ("pair,venue\nBTC/USDT,binance\n", "its columns are 'pair', 'venue'"),
        ("BTC/USDT\nETH USDT\n", "line 2: symbol 'ETH USDT' is not a symbol"),
        ("symbol,venue\nBTC/USDT,x\n,x\n", "line 3: symbol '' is not a symbol"),
        ("# nothing\n\n", "holds no symbol"),
    ],
)
def test_read_symbols_of_a_wrong_file_says_what_to_change_in_one_line(tmp_path, text, says):
    file = tmp_path / "symbols.csv"
    file.write_text(text)

    with pytest.raises(InvalidRequestError) as failed:
        read_symbols(f"@{file}")

    assert str(file) in str(failed.value)
    assert says in str(failed.value)
    assert "\n" not in str(failed.value)


def test_read_symbols_of_a_missing_file_names_it(tmp_path):
    with pytest.raises(InvalidRequestError, match=r"gone\.csv cannot be read"):
        read_symbols(f"@{tmp_path / 'gone.csv'}")


def test_read_symbols_of_a_binary_file_is_refused(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1\xff\xfe\x00")

    with pytest.raises(InvalidRequestError, match="cannot be read"):
        read_symbols(f"@{tmp_path / 'x.parquet'}")
