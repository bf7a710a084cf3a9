"""What do made-up headlines say? Stories in several wordings, of every mood, about coins and about companies.

``{name}`` and ``{ticker}`` are what a story is about; ``{pct}``, ``{amount}`` and ``{price}`` are figures, the same
ones in every wording of a story; ``{firm}`` is somebody. A wording belongs to the outlet in its place.
"""

from collections.abc import Mapping

# wordings of one story
Story = tuple[str, ...]

FIRMS = (
    *("Harbor Lane", "Northmoor", "Castle Pike", "Alder & Roe", "Blue Quay", "Vantage Mill", "Sorrel Group"),
    *("Tern Capital", "Ironbridge", "Lowland Trust", "Marlow Street", "Ninefold", "Opal Ridge", "Pinewell"),
)

# outlets by asset class, as they call themselves; the feed of an outlet is its name in small letters with hyphens
OUTLETS: Mapping[str, tuple[str, ...]] = {
    "crypto": ("CoinDesk", "Cointelegraph", "Decrypt", "Reddit CryptoCurrency"),
    "stock": ("Yahoo Finance", "MarketWatch"),
}

NAMES: Mapping[str, str] = {
    "BTC": "Bitcoin", "ETH": "Ethereum", "SOL": "Solana", "XRP": "Ripple", "ADA": "Cardano", "DOGE": "Dogecoin",
    "BNB": "Binance Coin", "LTC": "Litecoin", "DOT": "Polkadot", "LINK": "Chainlink", "AVAX": "Avalanche",
    "AAPL": "Apple", "MSFT": "Microsoft", "GOOG": "Google", "FB": "Facebook", "AMZN": "Amazon", "NVDA": "Nvidia",
    "TSLA": "Tesla",
}  # fmt: skip

_COIN_UP: tuple[Story, ...] = (
    (
        "{name} rallies {pct}% to ${price} as {firm} adds to its holdings",
        "{name} jumps {pct}%, reaching ${price}, after {firm} buys more",
        "{firm} purchase lifts {name} by {pct}% to ${price}",
    ),
    (
        "{firm} adopts {name} for payments, {ticker} gains {pct}%",
        "{name} up {pct}% on news that {firm} will accept it for payments",
        "Payments giant {firm} embraces {name}; price gains {pct}%",
    ),
    (
        "{name} funds draw record ${amount} million inflows in a week, {firm} says",
        "Record inflows: ${amount} million poured into {name} funds, according to {firm}",
        "{firm}: investors put a record ${amount} million into {name} funds",
    ),
    (
        "{name} upgrade goes live without a hitch, fees fall {pct}%",
        "Smooth upgrade cuts {name} fees by {pct}%",
        "{name} completes its upgrade successfully and fees drop {pct}%",
    ),
    (
        "Regulator approves {firm}'s {name} fund with ${amount} million in backing",
        "{firm} wins approval for a {name} fund backed by ${amount} million",
        "Approved: {name} fund of {firm}, with ${amount} million behind it",
    ),
)

_COIN_DOWN: tuple[Story, ...] = (
    (
        "{name} crashes {pct}% to ${price} as {firm} halts withdrawals",
        "{name} plunges {pct}% to ${price} after withdrawals are halted at {firm}",
        "{firm} halts withdrawals, {name} tumbles {pct}% to ${price}",
    ),
    (
        "Hackers steal ${amount} million in {name} from {firm}",
        "{firm} loses ${amount} million of {name} in a hack",
        "Exploit at {firm} drains ${amount} million worth of {name}",
    ),
    (
        "Regulator sues {firm} over {name} sales, {ticker} sinks {pct}%",
        "{name} falls {pct}% as {firm} is sued by the regulator",
        "Lawsuit against {firm} drags {name} down {pct}%",
    ),
    (
        "{name} slides {pct}% in a wave of ${amount} million liquidations",
        "${amount} million liquidated as {name} drops {pct}%",
        "Liquidations of ${amount} million push {name} {pct}% lower",
    ),
    (
        "{name} network suffers an outage, {firm} suspends ${amount} million of transfers",
        "{firm} freezes ${amount} million in transfers amid {name} network outage",
        "Outage on the {name} network leaves ${amount} million stuck at {firm}",
    ),
)

_COIN_FLAT: tuple[Story, ...] = (
    (
        "{name} trades near ${price} ahead of {firm}'s conference",
        "{name} little changed around ${price} before the conference of {firm}",
        "All eyes on {firm}'s conference with {name} at ${price}",
    ),
    (
        "{firm} publishes its {amount}-page primer on {name}",
        "What is {name}? {firm} explains on {amount} pages",
        "A {amount}-page introduction to {name}, by {firm}",
    ),
    (
        "{name} developers schedule meeting number {amount} with {firm}",
        "Meeting {amount} of {name} developers will be held at {firm}",
        "{firm} to host {name} developer meeting {amount}",
    ),
)

_SHARE_UP: tuple[Story, ...] = (
    (
        "{name} beats expectations, shares jump {pct}%",
        "{name} stock up {pct}% after earnings beat estimates",
    ),
    (
        "{firm} upgrades {name} to buy, price target raised to ${price}",
        "{name} upgraded to buy at {firm} with a higher target of ${price}",
    ),
    (
        "{name} announces ${amount} million share buyback, {ticker} rises {pct}%",
        "Shares of {name} gain {pct}% on buyback of ${amount} million",
    ),
    (
        "{name} hits record high of ${price} on strong demand, {firm} says",
        "Strong demand sends {name} to a record ${price}, according to {firm}",
    ),
)

_SHARE_DOWN: tuple[Story, ...] = (
    (
        "{name} misses estimates, shares tumble {pct}%",
        "{name} stock sinks {pct}% after earnings disappoint",
    ),
    (
        "{firm} cuts {name} to sell, price target lowered to ${price}",
        "{name} downgraded to sell at {firm}, target cut to ${price}",
    ),
    (
        "{name} fined ${amount} million in a probe, {ticker} falls {pct}%",
        "Shares of {name} drop {pct}% after a fine of ${amount} million",
    ),
    (
        "{name} warns of weak demand and lays off {amount} workers, {firm} reports",
        "{firm}: {name} to cut {amount} jobs as demand weakens",
    ),
)

_SHARE_FLAT: tuple[Story, ...] = (
    (
        "{name} to report results on Thursday, {firm} expects ${price} a share",
        "{firm} sees ${price} a share when {name} reports on Thursday",
    ),
    (
        "{name} names a former {firm} manager to its board, effective day {amount}",
        "Former {firm} manager joins the board of {name} on day {amount}",
    ),
)

# by asset class: stories of good, bad and no particular mood
STORIES: Mapping[str, tuple[tuple[Story, ...], ...]] = {
    "crypto": (_COIN_UP, _COIN_DOWN, _COIN_FLAT),
    "stock": (_SHARE_UP, _SHARE_DOWN, _SHARE_FLAT),
}
