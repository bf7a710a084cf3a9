"""What do people call the markets that they write about? Names of coins, companies and indices by ticker.

How a name is written says when it counts:

- lower case (``bitcoin``): in any case of its letters;
- with capitals (``Apple``): as written, since in lower case it is a word;
- with a question mark (``Avalanche?``): as written, and only where the text is about such markets, since at the
  start of a sentence or in a headline of capitals it may be the word.
"""

COINS: dict[str, tuple[str, ...]] = {
    "AAVE": ("aave",),
    "ADA": ("cardano",),
    "ALGO": ("algorand",),
    "APE": ("apecoin",),
    "APT": ("aptos",),
    "ARB": ("arbitrum",),
    "ATOM": ("Cosmos Hub", "Cosmos?"),
    "AVAX": ("Avalanche?",),
    "AXS": ("axie infinity",),
    "BCH": ("bitcoin cash",),
    "BNB": ("binance coin", "bnb chain"),
    "BONK": ("bonk",),
    "BSV": ("bitcoin sv",),
    "BTC": ("bitcoin", "bitcoins"),
    "CRO": ("cronos",),
    "CRV": ("curve finance", "curve dao"),
    "DASH": ("Dash?",),
    "DOGE": ("dogecoin",),
    "DOT": ("polkadot",),
    "DYDX": ("dydx",),
    "EGLD": ("multiversx", "elrond"),
    "ENA": ("ethena",),
    "EOS": (),
    "ETC": ("ethereum classic",),
    "ETH": ("ethereum", "ether"),
    "FIL": ("filecoin",),
    "FLOW": ("Flow blockchain", "Flow network", "Flow token"),
    "FTM": ("Fantom?",),
    "FTT": ("ftx token",),
    "GAS": ("neo gas",),
    "GRT": ("Graph Network", "Graph Protocol", "Graph Foundation"),
    "HBAR": ("hedera",),
    "HYPE": ("hyperliquid",),
    "ICP": ("internet computer",),
    "IMX": ("Immutable X", "immutablex"),
    "INJ": ("Injective?",),
    "IOTA": (),
    "JUP": ("Jupiter?",),
    "KAS": ("kaspa",),
    "LDO": ("lido", "lido dao"),
    "LINK": ("chainlink",),
    "LTC": ("litecoin",),
    "LUNA": ("terra luna", "Terra?"),
    "MANA": ("decentraland",),
    "MATIC": ("Polygon?",),
    "MKR": ("makerdao", "maker dao"),
    "NEAR": ("near protocol", "NEAR Foundation"),
    "NEO": (),
    "ONE": ("Harmony ONE", "Harmony?"),
    "OP": ("Optimism Foundation", "Optimism network", "Optimism mainnet"),
    "PEPE": ("pepecoin", "pepe coin"),
    "POL": ("Polygon?",),
    "RUNE": ("thorchain",),
    "SAND": ("The Sandbox?", "sandbox metaverse"),
    "SEI": ("sei network",),
    "SHIB": ("shiba inu",),
    "SOL": ("solana",),
    "STX": ("Stacks?",),
    "SUI": ("sui network",),
    "TAO": ("bittensor",),
    "THETA": ("theta network", "theta labs"),
    "TIA": ("celestia",),
    "TON": ("toncoin",),
    "TRX": ("tron",),
    "UNI": ("uniswap",),
    "VET": ("vechain",),
    "WAVES": ("Waves token", "Waves network", "Waves protocol"),
    "WIF": ("dogwifhat",),
    "WLD": ("worldcoin",),
    "XLM": ("stellar lumens", "Stellar network", "Stellar Development Foundation"),
    "XMR": ("monero",),
    "XRP": ("Ripple?",),
    "XTZ": ("tezos",),
    "ZEC": ("zcash",),
    "ZIL": ("zilliqa",),
}

STOCKS: dict[str, tuple[str, ...]] = {
    "AAPL": ("Apple",),
    "ABBV": ("abbvie",),
    "ABNB": ("airbnb",),
    "ADBE": ("Adobe",),
    "AMD": ("advanced micro devices",),
    "AMZN": ("Amazon",),
    "AVGO": ("broadcom",),
    "BA": ("boeing",),
    "BABA": ("Alibaba",),
    "BAC": ("bank of america", "bofa"),
    "BRK-B": ("berkshire hathaway", "Berkshire?"),
    "C": ("citigroup", "Citi"),
    "CAT": ("Caterpillar?",),
    "COIN": ("coinbase",),
    "COST": ("costco",),
    "CRM": ("Salesforce",),
    "CSCO": ("Cisco",),
    "CVX": ("Chevron",),
    "DAL": ("delta air", "delta air lines"),
    "DIS": ("disney",),
    "F": ("ford motor", "Ford"),
    "GE": ("general electric",),
    "GM": ("general motors",),
    "GME": ("gamestop",),
    "GOOGL": ("alphabet inc", "google", "Alphabet"),
    "GPS": ("gap inc",),
    "GS": ("goldman sachs", "Goldman"),
    "HD": ("home depot",),
    "HOOD": ("robinhood markets", "Robinhood"),
    "IBM": (),
    "INTC": ("Intel",),
    "JNJ": ("johnson & johnson", "j&j"),
    "JPM": ("jpmorgan", "jp morgan", "j.p. morgan"),
    "KO": ("coca-cola", "coca cola"),
    "LLY": ("eli lilly",),
    "MA": ("mastercard",),
    "MCD": ("mcdonald's", "mcdonalds", "mcdonald’s"),
    "META": ("meta platforms", "facebook", "Meta"),
    "MRK": ("merck",),
    "MRNA": ("moderna",),
    "MS": ("morgan stanley",),
    "MSFT": ("microsoft",),
    "MSTR": ("microstrategy",),
    "MU": ("micron technology", "Micron"),
    "NFLX": ("netflix",),
    "NKE": ("Nike",),
    "NVDA": ("nvidia",),
    "ORCL": ("Oracle?",),
    "PEP": ("pepsico", "pepsi"),
    "PFE": ("pfizer",),
    "PG": ("procter & gamble",),
    "PLTR": ("palantir",),
    "PYPL": ("paypal",),
    "QCOM": ("qualcomm",),
    "SBUX": ("starbucks",),
    "SHEL": ("royal dutch shell", "Shell?"),
    "SNAP": ("snapchat", "snap inc"),
    "SQ": ("block inc", "square inc"),
    "T": ("at&t",),
    "TGT": ("target corp", "Target shares", "Target stock", "Target earnings", "Target stores"),
    "TSLA": ("tesla",),
    "TSM": ("tsmc", "taiwan semiconductor"),
    "UBER": ("Uber",),
    "UNH": ("unitedhealth",),
    "V": ("visa inc", "Visa?"),
    "VZ": ("verizon",),
    "WFC": ("wells fargo",),
    "WMT": ("walmart",),
    "XOM": ("exxonmobil", "exxon mobil", "exxon"),
    "^DJI": ("dow jones", "the dow"),
    "^GSPC": ("s&p 500", "s&p500"),
    "^IXIC": ("nasdaq composite",),
}

_WORDS = """
a ace act ad add aged ago ai air alice all am amp an and ant any api apr are ark art as ask asp at atm aug auto b bad
ball band bank bar bat be bear best bet beta big bit block bond book box bull but buy by c call can cap car care cash
cat cbdc ceo cfd cfo cia city coin core cost cow cpi cpu crm ctrl cup d dao data day dec deep defi dent dex did do doc
dog dot dow down drop dxy e ecb edge edu eps era etf etn eu eur ev ever eye f fact fan far fast fbi feb fed fees few
first fix floki flow flux fomc for force four free fri ftse fun fund g gain game gap gas gbp gdp gdpr get glm go gods
gold good gpu grow gst h had hard has he hft high hit hive hold home hook hope hot house how hq hype i icx id idea if
ii iii imf in ipo irs is it its jan jasmy job joe jpy jst jul jump jun just k key kind know l land lead less let life
like lina link lit live llc lng long loom loss lot love low m ma magic main man mar mask max may me meme metal mind
mine mix mobile mom more mov move my n nato near neo net new news next nft nfts no not nov now nyse o oct of off oil
ok old om on one oop op opec open orca os out own p pace pay pe people per pixel play plus pm pop portal post power
prime pro prom pump q r radar rare real rebel red reef rei render rep ripe rise road rose rsi run s safe sand sat save
say sec see self sell sep set she ship short sign six slp so star stay step stop sum sun super t tap target team tech
tell ten the they think time tip to top torn toy tree tru true trump try tube turbo tv two u uk un up us usa usd usdc
usdt use usual v vat vc vet via view vite w wage wait want war was watt wave way we web well west who why win wing
wish wood work world x xi y yen yes yet yield you z zen zero
"""

_CRYPTO_CONTEXT = """
airdrop altcoin altcoins bitcoin blockchain bridge coin coins crypto cryptocurrencies cryptocurrency dapp dapps dao
defi dex ether ethereum exploit labs mainnet memecoin metaverse nft nfts protocol rollup sidechain smart stablecoin
stablecoins staking testnet token tokens tvl validator validators wallet web3 xrp btc eth avax matic
"""
_COMPANY_CONTEXT = """
analyst analysts buyback ceo cfo corp corporation dividend downgrade downgraded earnings eps forecast guidance inc
nasdaq nyse outlook profit profits quarter quarterly results revenue sales share shareholder shareholders shares stock
stocks store stores upgrade upgraded
"""

# Tickers that are words, or short for something else: they count as cashtag, by name, or from the feed.
WORDS = frozenset(_WORDS.split())
# Where one of these occurs, a text is about crypto markets, or about companies.
CRYPTO_CONTEXT = frozenset(_CRYPTO_CONTEXT.split())
COMPANY_CONTEXT = frozenset(_COMPANY_CONTEXT.split())

# For headlines that are compared: the ticker behind a word that is a name or a ticker and nothing else.
NAME_OF_WORD: dict[str, str] = {
    name.rstrip("?").lower(): ticker
    for ticker, names in {**STOCKS, **COINS}.items()
    for name in (*names, ticker)
    if " " not in name and (name.islower() or name.rstrip("?").lower() not in WORDS)
}
