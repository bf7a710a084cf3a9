"""Which RSS and Atom feeds are followed unless the settings name others?"""

RSS_FEEDS = ",".join(
    (
        "coindesk=https://www.coindesk.com/arc/outboundfeeds/rss/",
        "cointelegraph=https://cointelegraph.com/rss",
        "decrypt=https://decrypt.co/feed",
        "yahoo-finance=https://finance.yahoo.com/news/rssindex",
        "marketwatch=https://feeds.content.dowjones.io/public/rss/mw_topstories",
        "reddit-cryptocurrency=https://www.reddit.com/r/CryptoCurrency/new/.rss",
    )
)
