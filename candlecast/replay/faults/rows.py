"""Where are the candles or headlines in a venue's answer? Taken out as a list of rows, and put back."""

from typing import Any

Rows = list[Any]


def take_rows(venue: str, payload: Any) -> Rows | None:
    """Return the candles or headlines of a decoded answer of `venue`, None when it holds none.

    A row is what the venue sends for a candle; of Yahoo, which sends columns, an object of fields.
    """
    match venue, payload:
        case "binance", [[*_], *_]:
            return list(payload)
        case "kraken", {"result": {"last": _}}:
            return list(payload["result"][_pair(payload)])
        case "coinbase", {"candles": [*candles]}:
            return candles
        case "newsapi", {"articles": [*articles]}:
            return articles
        case "cryptopanic", {"results": [*posts]}:
            return posts
        case "yahoo", {"chart": {"result": [{"timestamp": [*_]} as result]}}:
            columns = _columns(result)
            return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return None


def put_rows(venue: str, payload: Any, rows: Rows) -> Any:
    """Return the decoded answer `payload` of `venue` with `rows` in place of its own."""
    match venue:
        case "binance":
            return rows
        case "kraken":
            return payload | {"result": payload["result"] | {_pair(payload): rows}}
        case "coinbase":
            return payload | {"candles": rows}
        case "newsapi":
            return payload | {"articles": rows}
        case "cryptopanic":
            return payload | {"results": rows}
    [result] = payload["chart"]["result"]
    columns = {name: [row.get(name) for row in rows] for name in _columns(result)}
    adjusted, stamps = columns.pop("adjclose"), columns.pop("timestamp")
    indicators = {"quote": [columns], "adjclose": [{"adjclose": adjusted}]}
    changed = result | {"timestamp": stamps, "indicators": indicators}
    return {"chart": payload["chart"] | {"result": [changed]}}


def _pair(payload: dict[str, Any]) -> str:
    [pair] = payload["result"].keys() - {"last"}
    return str(pair)


def _columns(result: dict[str, Any]) -> dict[str, list[Any]]:
    indicators = result["indicators"]
    columns: dict[str, list[Any]] = indicators["quote"][0] | indicators["adjclose"][0]
    return {"timestamp": result["timestamp"]} | columns
